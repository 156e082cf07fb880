package pmem.mapping;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.DurabilityDomain;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.spi.PersistPoint;
import pmem.spi.Region;
import pmem.spi.RegionOptions;

class MappedRegionTest {
    private static final PersistPoint POINT = new PersistPoint("test.point", "Nothing depends on it.");
    private static final long MIB = 1 << 20;

    private final MappingProvider provider = new MappingProvider();

    @TempDir
    private Path directory;

    private Region anonymous() {
        return provider.anonymous(MIB, new RegionOptions(Optional.empty(), true));
    }

    private Region created(DurabilityDomain domain) {
        return provider.create(directory.resolve("a.pool"), MIB, new RegionOptions(Optional.of(domain), true));
    }

    @Test
    void a_word_stored_alone_is_seen_at_once_and_found_again_on_every_domain(@TempDir Path directory) {
        MappingProvider provider = new MappingProvider();
        Path path = directory.resolve("alone.pool");
        PersistPoint point = new PersistPoint("test.alone", "Nothing depends on it.");
        for (DurabilityDomain domain : provider.domains(path)) {
            RegionOptions options = new RegionOptions(Optional.of(domain), true);
            Path pool = directory.resolve(domain.id());
            try (Region region = provider.create(pool, 2 << 20, options)) {
                region.publishCreated();
                region.storePlain(64, 1);
                region.storeAloneAndFence(point, 64, 0x0123456789abcdefL);
                assertThat(region.loadPlain(64)).isEqualTo(0x0123456789abcdefL);
                assertThat(region.linesWrittenBack()).isEqualTo(1);
                assertThat(region.fences()).isEqualTo(1);
            }
            try (Region region = provider.open(pool, options)) {
                assertThat(region.loadPlain(64)).isEqualTo(0x0123456789abcdefL);
            }
        }
    }

    @Test
    void words_are_little_endian_and_every_access_sees_the_others() {
        try (Region region = anonymous()) {
            region.storePlain(8, 0x0102030405060708L);
            assertThat(region.slice(8, 1).get(JAVA_BYTE, 0)).isEqualTo((byte) 8);
            assertThat(region.loadPlain(8)).isEqualTo(0x0102030405060708L);
            region.storeRelease(8, 5);
            assertThat(region.loadAcquire(8)).isEqualTo(5);
            assertThat(region.compareAndSet(8, 4, 6)).isFalse();
            assertThat(region.compareAndSet(8, 5, 6)).isTrue();
            assertThat(region.getAndBitwiseOr(8, 9)).isEqualTo(6);
            assertThat(region.getAndBitwiseAnd(8, 3)).isEqualTo(15);
            assertThat(region.loadPlain(8)).isEqualTo(3);
        }
    }

    @Test
    void anonymous_memory_is_zero_volatile_and_aligned_to_huge_pages() {
        try (Region region = anonymous()) {
            assertThat(region.capacityBytes()).isEqualTo(2 * MIB);
            assertThat(region.isZeroed()).isTrue();
            assertThat(region.name()).isEqualTo("volatile");
            assertThat(region.durability().domain()).isEqualTo(DurabilityDomain.VOLATILE);
            assertThat(region.slice(0, 8).address() % AddressRange.ALIGNMENT_BYTES)
                    .isZero();
            assertThat(region.slice(0, 2 * MIB).mismatch(MemorySegment.ofArray(new byte[(int) (2 * MIB)])))
                    .isEqualTo(-1);
        }
    }

    @Test
    void anonymous_memory_larger_than_the_machine_can_be_reserved() {
        try (Region region = provider.anonymous(1L << 43, RegionOptions.defaults())) {
            region.storePlain((1L << 43) - 8, 1);
            assertThat(region.loadPlain((1L << 43) - 8)).isEqualTo(1);
        }
    }

    @Test
    void anonymous_memory_cannot_be_durable_nor_endless() {
        assertThatThrownBy(() -> provider.anonymous(
                        MIB, new RegionOptions(Optional.of(DurabilityDomain.SYNCHRONOUS_DAX), false)))
                .isInstanceOfSatisfying(
                        PoolOpenException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.DURABILITY_UNAVAILABLE));
        assertThatThrownBy(() -> provider.anonymous(1L << 50, RegionOptions.defaults()))
                .isInstanceOfSatisfying(
                        PoolOpenException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.SYSTEM))
                .hasMessageContaining("errno=12");
        assertThatThrownBy(() -> provider.anonymous(0, RegionOptions.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found=0");
        assertThatThrownBy(() -> provider.anonymous(Long.MAX_VALUE, RegionOptions.defaults()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void accesses_outside_or_across_words_are_refused() {
        try (Region region = anonymous()) {
            long end = region.capacityBytes();
            assertThatThrownBy(() -> region.loadPlain(end)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> region.storePlain(-8, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> region.loadPlain(4)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> region.writeBack(POINT, end - 8, 16))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> region.writeBack(POINT, 0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> region.writeBackAndFence(POINT, end))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> region.slice(end - 8, 16)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void lines_and_fences_are_counted_alike_in_every_domain() {
        for (DurabilityDomain domain : provider.domains(directory)) {
            assertCountsLinesAndFences(domain);
        }
    }

    private void assertCountsLinesAndFences(DurabilityDomain domain) {
        try (Region region = created(domain)) {
            assertThat(region.durability().domain()).isEqualTo(domain);
            region.writeBack(POINT, 0, 0);
            assertThat(region.linesWrittenBack()).isZero();
            region.writeBack(POINT, 60, 8);
            assertThat(region.linesWrittenBack()).isEqualTo(2);
            region.writeBack(POINT, 64, 64);
            assertThat(region.linesWrittenBack()).isEqualTo(3);
            region.writeBack(POINT, 0, region.capacityBytes());
            assertThat(region.linesWrittenBack()).isEqualTo(3 + region.capacityBytes() / Region.LINE_BYTES);
            assertThat(region.fences()).isZero();
            region.fence(POINT);
            region.writeBackAndFence(POINT, region.capacityBytes() - 8);
            assertThat(region.linesWrittenBack()).isEqualTo(4 + region.capacityBytes() / Region.LINE_BYTES);
            assertThat(region.fences()).isEqualTo(2);
        }
    }

    @Test
    void volatile_memory_counts_what_was_asked_for() {
        try (Region region = anonymous()) {
            region.writeBack(POINT, 0, 128);
            region.writeBackAndFence(POINT, 0);
            region.fence(POINT);
            assertThat(region.linesWrittenBack()).isEqualTo(3);
            assertThat(region.fences()).isEqualTo(2);
        }
    }

    @Test
    void nothing_is_counted_unless_asked_for() {
        try (Region region = provider.anonymous(MIB, RegionOptions.defaults())) {
            region.writeBackAndFence(POINT, 0);
            assertThat(region.linesWrittenBack()).isZero();
            assertThat(region.fences()).isZero();
        }
    }

    @Test
    void after_close_every_access_and_every_fence_says_so() {
        for (Region region : new Region[] {anonymous(), created(DurabilityDomain.FORCED_CACHE_LINE)}) {
            MemorySegment slice = region.slice(0, 64);
            region.close();
            region.close();
            assertThatThrownBy(() -> region.loadPlain(0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> region.loadAcquire(0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> region.storePlain(0, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> region.storeRelease(0, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> region.compareAndSet(0, 0, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> region.getAndBitwiseOr(0, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> region.getAndBitwiseAnd(0, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> slice.get(JAVA_LONG, 0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> region.fence(POINT)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> region.writeBackAndFence(POINT, 0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(region::publishCreated).isInstanceOf(IllegalStateException.class);
            region.writeBack(POINT, 0, 64);
        }
    }
}
