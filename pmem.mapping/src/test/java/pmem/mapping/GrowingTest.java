package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.DurabilityDomain;
import pmem.api.MemoryPlacement;
import pmem.api.OutOfSpaceException;
import pmem.spi.PersistPoint;
import pmem.spi.Region;
import pmem.spi.RegionOptions;

/** Regions that become longer, and shorter, where they are. */
class GrowingTest {
    private static final PersistPoint POINT = new PersistPoint("test.point", "Nothing depends on it.");
    private static final long STEP_BYTES = AddressRange.ALIGNMENT_BYTES;
    private static final long MAX_BYTES = 8 * STEP_BYTES;

    private final MappingProvider provider = new MappingProvider();

    @TempDir
    private Path directory;

    private Path path() {
        return directory.resolve("a.pool");
    }

    private static RegionOptions options(Optional<DurabilityDomain> domain, boolean preallocate, long maxBytes) {
        return new RegionOptions(domain, false, preallocate, MemoryPlacement.anywhere(), Duration.ZERO, maxBytes);
    }

    private Region create(boolean preallocate, long maxBytes) {
        Region region = provider.create(path(), STEP_BYTES, options(Optional.empty(), preallocate, maxBytes));
        region.publishCreated();
        return region;
    }

    private long fileBytes() throws IOException {
        return Files.size(path());
    }

    @Test
    void a_file_grows_at_the_same_address_with_real_blocks_that_read_as_zero() throws IOException {
        for (DurabilityDomain domain : provider.domains(path())) {
            try (Region region = provider.create(path(), STEP_BYTES, options(Optional.of(domain), true, MAX_BYTES))) {
                region.publishCreated();
                MemorySegment before = region.slice(0, STEP_BYTES);
                region.storePlain(8, 41);
                assertThat(region.maxCapacityBytes()).isEqualTo(MAX_BYTES);
                assertThat(region.grow(POINT, STEP_BYTES + 4096)).isEqualTo(2 * STEP_BYTES);
                assertThat(region.grow(POINT, MAX_BYTES)).isEqualTo(MAX_BYTES);
                assertThat(region.capacityBytes()).isEqualTo(MAX_BYTES);
                assertThat(fileBytes()).isEqualTo(MAX_BYTES);
                assertThat(FileFacts.of(path()).orElseThrow().allocatedBytes()).isGreaterThanOrEqualTo(MAX_BYTES);
                assertThat(region.slice(0, 8).address()).isEqualTo(before.address());
                assertThat(before.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(41);
                assertThat(region.loadPlain(MAX_BYTES - 8)).isZero();
                region.storePlain(MAX_BYTES - 8, 42);
                region.writeBackAndFence(POINT, MAX_BYTES - 8);
            }
            try (Region region = provider.open(path(), options(Optional.of(domain), true, 0))) {
                assertThat(region.capacityBytes()).isEqualTo(MAX_BYTES);
                assertThat(region.loadPlain(MAX_BYTES - 8)).isEqualTo(42);
            }
            Files.delete(path());
        }
    }

    @Test
    void addresses_after_the_end_are_memory_without_meaning_so_that_a_stray_access_kills_nobody() throws IOException {
        try (Region region = create(true, MAX_BYTES)) {
            region.storePlain(MAX_BYTES - 8, 13);
            region.writeBack(POINT, MAX_BYTES - 8, 8);
            assertThat(fileBytes()).isEqualTo(STEP_BYTES);
            region.grow(POINT, MAX_BYTES);
            assertThat(region.loadPlain(MAX_BYTES - 8)).isZero();
        }
    }

    @Test
    void a_size_beyond_the_reserved_addresses_is_refused_and_a_smaller_one_changes_nothing() throws IOException {
        try (Region region = create(true, MAX_BYTES)) {
            assertThat(region.grow(POINT, 1)).isEqualTo(STEP_BYTES);
            assertThatThrownBy(() -> region.grow(POINT, MAX_BYTES + 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(fileBytes()).isEqualTo(STEP_BYTES);
        }
    }

    @Test
    void where_the_file_system_has_no_room_everything_is_as_it_was() throws IOException {
        long tooMuch = MappingProvider.rounded(Files.getFileStore(directory).getUnallocatedSpace() + (1L << 30));
        try (Region region = create(true, tooMuch)) {
            assertThatThrownBy(() -> region.grow(POINT, tooMuch))
                    .isInstanceOf(OutOfSpaceException.class)
                    .hasMessageContainingAll("is as it was", "neededBytes=", "availableBytes=", "errno=28");
            assertThat(region.capacityBytes()).isEqualTo(STEP_BYTES);
            assertThat(fileBytes()).isEqualTo(STEP_BYTES);
            assertThat(region.grow(POINT, 2 * STEP_BYTES)).isEqualTo(2 * STEP_BYTES);
        }
    }

    @Test
    void a_sparse_file_grows_without_blocks_and_gets_them_as_they_are_needed() throws IOException {
        try (Region region = create(false, MAX_BYTES)) {
            region.grow(POINT, MAX_BYTES);
            assertThat(fileBytes()).isEqualTo(MAX_BYTES);
            assertThat(FileFacts.of(path()).orElseThrow().allocatedBytes()).isLessThan(STEP_BYTES);
            assertThat(region.ensureBacked(MAX_BYTES - 8, 8)).isTrue();
            assertThat(FileFacts.of(path()).orElseThrow().allocatedBytes()).isBetween(STEP_BYTES, 2 * STEP_BYTES);
            region.storePlain(MAX_BYTES - 8, 1);
        }
    }

    // A file of whole pages, but not of whole steps: the part of its last step that comes later needs blocks too.
    @Test
    void what_was_known_of_a_step_that_grows_is_forgotten() throws IOException {
        create(false, 0).close();
        try (var file = Files.newByteChannel(path(), StandardOpenOption.WRITE)) {
            file.truncate(STEP_BYTES - 8192);
        }
        try (Region region = provider.open(path(), options(Optional.empty(), false, MAX_BYTES))) {
            assertThat(region.capacityBytes()).isEqualTo(STEP_BYTES - 8192);
            assertThat(region.ensureBacked(0, 8)).isTrue();
            region.grow(POINT, STEP_BYTES);
            assertThat(region.ensureBacked(STEP_BYTES - 8, 8)).isTrue();
            assertThat(FileFacts.of(path()).orElseThrow().allocatedBytes()).isGreaterThanOrEqualTo(STEP_BYTES);
        }
    }

    @Test
    void anonymous_memory_grows_too() {
        RegionOptions options = options(Optional.empty(), true, MAX_BYTES);
        try (Region region = provider.anonymous(STEP_BYTES, options)) {
            assertThat(region.capacityBytes()).isEqualTo(STEP_BYTES);
            assertThat(region.grow(POINT, MAX_BYTES)).isEqualTo(MAX_BYTES);
            assertThat(region.loadPlain(MAX_BYTES - 8)).isZero();
        }
    }

    @Test
    void a_closed_region_does_not_grow() throws IOException {
        Region region = create(true, MAX_BYTES);
        region.close();
        assertThatThrownBy(() -> region.grow(POINT, MAX_BYTES)).isInstanceOf(IllegalStateException.class);
        assertThat(fileBytes()).isEqualTo(STEP_BYTES);
    }

    // "it makes a region as long as a multiple of this"; "grow makes it longer again"
    @Test
    void a_file_shrinks_at_the_same_address_and_what_comes_back_by_growing_reads_as_zero() throws IOException {
        for (DurabilityDomain domain : provider.domains(path())) {
            for (boolean preallocate : new boolean[] {true, false}) {
                RegionOptions options = options(Optional.of(domain), preallocate, MAX_BYTES);
                try (Region region = provider.create(path(), MAX_BYTES, options)) {
                    region.publishCreated();
                    assertThat(region.lengthStepBytes()).isEqualTo(STEP_BYTES);
                    MemorySegment before = region.slice(0, STEP_BYTES);
                    assertThat(region.ensureBacked(0, MAX_BYTES)).isTrue();
                    region.storePlain(8, 41);
                    region.storePlain(MAX_BYTES - 8, 42);
                    region.writeBack(POINT, MAX_BYTES - 8, 8);
                    region.shrink(2 * STEP_BYTES);
                    assertThat(region.capacityBytes()).isEqualTo(2 * STEP_BYTES);
                    assertThat(fileBytes()).isEqualTo(2 * STEP_BYTES);
                    region.fence(POINT);
                    region.grow(POINT, MAX_BYTES);
                    assertThat(fileBytes()).isEqualTo(MAX_BYTES);
                    assertThat(region.slice(0, 8).address()).isEqualTo(before.address());
                    assertThat(before.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(41);
                    assertThat(region.ensureBacked(0, MAX_BYTES)).isTrue();
                    assertThat(FileFacts.of(path()).orElseThrow().allocatedBytes())
                            .isGreaterThanOrEqualTo(MAX_BYTES);
                    assertThat(region.loadPlain(MAX_BYTES - 8)).isZero();
                    region.storePlain(MAX_BYTES - 8, 43);
                    region.writeBackAndFence(POINT, MAX_BYTES - 8);
                }
                Files.delete(path());
            }
        }
    }

    @Test
    void a_late_access_to_what_was_cut_off_finds_memory_without_meaning_and_kills_nobody() throws IOException {
        try (Region region = create(true, MAX_BYTES)) {
            region.grow(POINT, MAX_BYTES);
            MemorySegment late = region.slice(MAX_BYTES - 8, 8);
            region.shrink(STEP_BYTES);
            late.set(ValueLayout.JAVA_LONG, 0, 13);
            region.writeBackAndFence(POINT, MAX_BYTES - 8);
            assertThat(fileBytes()).isEqualTo(STEP_BYTES);
            region.grow(POINT, MAX_BYTES);
            assertThat(late.get(ValueLayout.JAVA_LONG, 0)).isZero();
        }
    }

    @Test
    void shrinking_to_more_than_there_is_changes_nothing() throws IOException {
        try (Region region = create(true, MAX_BYTES)) {
            region.shrink(MAX_BYTES);
            assertThat(region.capacityBytes()).isEqualTo(STEP_BYTES);
            assertThat(fileBytes()).isEqualTo(STEP_BYTES);
        }
    }

    @Test
    void anonymous_memory_shrinks_and_comes_back_as_zeros() {
        RegionOptions options = options(Optional.empty(), true, MAX_BYTES);
        try (Region region = provider.anonymous(MAX_BYTES, options)) {
            region.storePlain(MAX_BYTES - 8, 7);
            region.shrink(STEP_BYTES);
            assertThat(region.capacityBytes()).isEqualTo(STEP_BYTES);
            region.grow(POINT, MAX_BYTES);
            assertThat(region.loadPlain(MAX_BYTES - 8)).isZero();
        }
    }
}
