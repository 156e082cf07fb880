package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.spi.Region;
import pmem.spi.RegionOptions;

/** Files that get their blocks as they are needed, and what is known of those that have none. */
class SparseTest {
    private static final long STEP_BYTES = 1L << BackedSteps.STEP_SHIFT;
    private static final long CAPACITY_BYTES = 1L << 40;
    private static final RegionOptions SPARSE = new RegionOptions(Optional.empty(), false, false);

    private final MappingProvider provider = new MappingProvider();

    @TempDir
    private Path directory;

    private Path path() {
        return directory.resolve("a.pool");
    }

    private Region create() {
        Region region = provider.create(path(), CAPACITY_BYTES, SPARSE);
        region.publishCreated();
        return region;
    }

    private long allocatedBytes() {
        return FileFacts.of(path()).orElseThrow().allocatedBytes();
    }

    @Test
    void a_sparse_file_takes_no_blocks_before_they_are_asked_for() {
        try (Region region = create()) {
            assertThat(region.capacityBytes()).isEqualTo(CAPACITY_BYTES);
            assertThat(region.isZeroed()).isTrue();
            assertThat(allocatedBytes()).isLessThan(STEP_BYTES);
        }
    }

    @Test
    void whole_steps_are_given_back_and_come_again_as_zeros() {
        try (Region region = create()) {
            assertThat(region.storageStepBytes()).isEqualTo(STEP_BYTES);
            assertThat(region.ensureBacked(0, 4 * STEP_BYTES)).isTrue();
            region.storePlain(STEP_BYTES - 8, 1);
            region.storePlain(STEP_BYTES, 2);
            region.storePlain(3 * STEP_BYTES - 8, 3);
            region.storePlain(3 * STEP_BYTES, 4);
            assertThat(region.releaseStorage(STEP_BYTES - 4096, 2 * STEP_BYTES + 8192))
                    .isEqualTo(2 * STEP_BYTES);
            assertThat(allocatedBytes()).isBetween(2 * STEP_BYTES, 3 * STEP_BYTES - 1);
            assertThat(region.releaseStorage(STEP_BYTES, 2 * STEP_BYTES)).isZero();
            assertThat(region.releaseStorage(4096, STEP_BYTES)).isZero();
            assertThat(region.loadPlain(STEP_BYTES - 8)).isEqualTo(1);
            assertThat(region.loadPlain(3 * STEP_BYTES)).isEqualTo(4);
            assertThat(region.ensureBacked(STEP_BYTES, 2 * STEP_BYTES)).isTrue();
            assertThat(allocatedBytes()).isGreaterThanOrEqualTo(4 * STEP_BYTES);
            assertThat(region.loadPlain(STEP_BYTES)).isZero();
            assertThat(region.loadPlain(3 * STEP_BYTES - 8)).isZero();
        }
    }

    @Test
    void a_preallocated_file_gives_nothing_back_and_anonymous_memory_does() {
        try (Region region = provider.create(path(), 4 * STEP_BYTES, RegionOptions.defaults())) {
            assertThat(region.storageStepBytes()).isZero();
            assertThat(region.releaseStorage(0, 4 * STEP_BYTES)).isZero();
        }
        try (Region region = provider.anonymous(4 * STEP_BYTES, RegionOptions.defaults())) {
            region.storePlain(STEP_BYTES, 7);
            region.storePlain(0, 8);
            assertThat(region.releaseStorage(8, 2 * STEP_BYTES)).isEqualTo(STEP_BYTES);
            assertThat(region.loadPlain(STEP_BYTES)).isZero();
            assertThat(region.loadPlain(0)).isEqualTo(8);
        }
    }

    @Test
    void blocks_come_in_whole_steps_and_once() {
        try (Region region = create()) {
            assertThat(region.ensureBacked(3 * STEP_BYTES - 1, 2)).isTrue();
            assertThat(allocatedBytes()).isBetween(2 * STEP_BYTES, 3 * STEP_BYTES - 1);
            assertThat(region.ensureBacked(2 * STEP_BYTES, 2 * STEP_BYTES)).isTrue();
            assertThat(region.ensureBacked(CAPACITY_BYTES, 0)).isTrue();
            assertThat(allocatedBytes()).isLessThan(3 * STEP_BYTES);
        }
    }

    @Test
    void more_than_the_file_system_has_is_refused_and_takes_nothing() throws IOException {
        long free = Files.getFileStore(directory).getUnallocatedSpace();
        Region region = provider.create(path(), 2 * free + CAPACITY_BYTES, SPARSE);
        region.publishCreated();
        try (region) {
            assertThat(region.ensureBacked(0, free + CAPACITY_BYTES)).isFalse();
            assertThat(allocatedBytes()).isLessThan(STEP_BYTES);
        }
    }

    @Test
    void what_lies_outside_the_region_is_an_error() {
        try (Region region = create()) {
            assertThatThrownBy(() -> region.ensureBacked(CAPACITY_BYTES - 1, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> region.usedRanges(0, CAPACITY_BYTES + 8))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void used_ranges_hold_every_word_that_was_written_and_little_else() {
        long middle = 5 * STEP_BYTES + 4096;
        try (Region region = create()) {
            assertThat(region.ensureBacked(0, 8)).isTrue();
            assertThat(region.ensureBacked(middle, 8)).isTrue();
            region.storeRelease(8, 1);
            region.storeRelease(middle, 2);
            long[] ranges = region.usedRanges(8, 100 * STEP_BYTES);
            assertThat(contains(ranges, 8)).isTrue();
            assertThat(contains(ranges, middle)).isTrue();
            // A file system that tells nothing has one range for everything, and that is right too.
            assertThat(contains(ranges, 50 * STEP_BYTES)).isEqualTo(ranges.length == 2);
            assertThat(ranges[0]).isEqualTo(8);
            assertThat(region.usedRanges(16, 16)).isEmpty();
            assertSorted(ranges);
        }
    }

    private static boolean contains(long[] ranges, long offset) {
        for (int i = 0; i < ranges.length; i += 2) {
            if (offset >= ranges[i] && offset < ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }

    private static void assertSorted(long[] ranges) {
        for (int i = 1; i < ranges.length; i++) {
            assertThat(ranges[i]).as("bound %d", i).isGreaterThan(ranges[i - 1]);
        }
    }

    @Test
    void a_sparse_file_stays_sparse_when_it_is_opened_so_and_is_refused_otherwise() {
        try (Region region = create()) {
            assertThat(region.ensureBacked(0, 8)).isTrue();
            region.storeRelease(0, 7);
        }
        try (Region region = provider.open(path(), SPARSE)) {
            assertThat(region.loadPlain(0)).isEqualTo(7);
            assertThat(allocatedBytes()).isLessThan(2 * STEP_BYTES);
        }
        assertThatThrownBy(() -> provider.open(path(), RegionOptions.defaults()))
                .isInstanceOfSatisfying(
                        PoolOpenException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.NO_SPACE));
    }

    @Test
    void words_loaded_once_are_those_that_were_stored() {
        long[] words = new long[16];
        long[] many = new long[4096];
        try (Region region = create()) {
            assertThat(region.ensureBacked(0, STEP_BYTES)).isTrue();
            for (int i = 0; i < many.length; i++) {
                region.storePlain(4096 + (long) i * Long.BYTES, i + 1);
            }
            region.loadOnce(4096 + 8, words);
            region.loadOnce(4096, many);
        }
        for (int i = 0; i < words.length; i++) {
            assertThat(words[i]).isEqualTo(i + 2);
        }
        assertThat(many[many.length - 1]).isEqualTo(many.length);
    }

    @Test
    void a_closed_region_asks_the_system_nothing() {
        Region region = create();
        region.close();
        assertThatThrownBy(() -> region.ensureBacked(0, 8)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> region.usedRanges(0, 8)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> region.loadOnce(0, new long[1])).isInstanceOf(IllegalStateException.class);
    }
}
