package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import pmem.spi.HeapRegion;
import pmem.spi.PolicySpace;
import pmem.spi.StateField;

class HeadTagLayoutTest {
    // Geometry needs no memory behind the space.
    private static final HeapRegion REGION = new HeapRegion(64);

    private static HeadTagLayout layout(long startOffset, long endOffset, long unitBytes) {
        return new HeadTagLayout(
                new PolicySpace(REGION, startOffset, endOffset), new BuddyParameters(unitBytes, false));
    }

    @Test
    void the_geometry_of_the_format_does_not_change() {
        HeadTagLayout eightKib = layout(4096, 12_288, 64);
        assertThat(eightKib.mapOffset()).isEqualTo(4096);
        assertThat(eightKib.mapBytes()).isEqualTo(128);
        assertThat(eightKib.unitCount()).isEqualTo(126);
        assertThat(eightKib.handle(eightKib.firstUnit())).isEqualTo(4224);
        assertThat(eightKib.metadataBytes()).isEqualTo(128);

        HeadTagLayout pages = layout(1 << 20, 1 << 26, 4096);
        assertThat(pages.mapBytes()).isEqualTo(16_128);
        assertThat(pages.unitCount()).isEqualTo(16_124);
        assertThat(pages.handle(pages.firstUnit())).isEqualTo((1 << 20) + 16_384);

        HeadTagLayout oneKib = layout(4096, 5120, 64);
        assertThat(oneKib.unitCount()).isEqualTo(15);
        assertThat(oneKib.mapBytes()).isEqualTo(64);
    }

    @Test
    void a_tag_is_one_byte_of_the_map_at_the_index_of_its_unit() {
        HeadTagLayout layout = layout(4096, 12_288, 64);
        long field = layout.stateField(4224 + 11 * 64);
        assertThat(StateField.wordOffset(field)).isEqualTo(4096 + 8);
        assertThat(StateField.shift(field)).isEqualTo(24);
        assertThat(StateField.mask(field)).isEqualTo(0xff00_0000L);
    }

    @Property
    void as_many_units_as_fit_are_there_and_no_part_overlaps(
            @ForAll @IntRange(max = 600) int startPages,
            @ForAll @IntRange(min = 513, max = 3000) int pages,
            @ForAll @IntRange(min = 4, max = 20) int unitShift) {
        long start = startPages * 4096L;
        long end = start + pages * 4096L;
        long unitBytes = 1L << unitShift;
        HeadTagLayout layout = layout(start, end, unitBytes);
        long unitsOffset = layout.handle(layout.firstUnit());
        assertThat(layout.mapBytes() % 64).isZero();
        assertThat(layout.mapBytes()).isBetween(layout.unitCount(), layout.unitCount() + 63);
        assertThat(unitsOffset).isBetween(start + layout.mapBytes(), start + layout.mapBytes() + unitBytes - 1);
        assertThat(layout.handle(layout.endUnit())).isLessThanOrEqualTo(end);
        assertThat(layout.metadataBytes() + layout.bytes(layout.unitCount())).isEqualTo(end - start);
        assertThat(endWithUnits(start, layout.unitCount() + 1, unitBytes)).isGreaterThan(end);
    }

    private static long endWithUnits(long start, long count, long unitBytes) {
        long mapEnd = start + (count + 63) / 64 * 64;
        return (mapEnd + unitBytes - 1) / unitBytes * unitBytes + count * unitBytes;
    }

    @Property
    void the_smallest_space_holds_a_unit_wherever_it_starts(
            @ForAll @IntRange(max = 600) int startPages, @ForAll @IntRange(min = 4, max = 20) int unitShift) {
        long start = startPages * 4096L;
        BuddyParameters parameters = new BuddyParameters(1L << unitShift, false);
        HeadTagLayout layout = layout(start, start + HeadTagLayout.minimumBytes(parameters), parameters.unitBytes());
        assertThat(layout.unitCount()).isPositive();
    }

    @Test
    void a_space_without_room_for_a_unit_is_refused_with_the_remedy() {
        assertThatThrownBy(() -> layout(4096, 8192, 4096))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("found=0", "space_bytes=4096", "unitBytes=4096", "choose smaller units");
    }

    @Test
    void a_space_with_more_units_than_can_be_indexed_is_refused_with_the_remedy() {
        assertThatThrownBy(() -> layout(4096, 1L << 41, 16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("expected 1 to 68719476736", "choose larger units");
    }

    @Test
    void any_value_at_all_is_a_safe_handle() {
        HeadTagLayout layout = layout(4096, 12_288, 64);
        for (long handle = -256; handle < 16_384; handle++) {
            boolean unitStarts = handle >= 4224 && handle < 12_288 && handle % 64 == 0;
            assertThat(layout.stateField(handle) != StateField.NONE)
                    .as("handle %d", handle)
                    .isEqualTo(unitStarts);
        }
        assertThat(layout.stateField(Long.MIN_VALUE)).isEqualTo(StateField.NONE);
        assertThat(layout.stateField(Long.MIN_VALUE + 4224)).isEqualTo(StateField.NONE);
        assertThat(layout.stateField(Long.MAX_VALUE)).isEqualTo(StateField.NONE);
        assertThat(layout.stateField(-64)).isEqualTo(StateField.NONE);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
        for (int i = 0; i < 10_000; i++) {
            long handle = random.nextLong();
            assertThat(layout.stateField(handle) == StateField.NONE || (handle >= 4224 && handle < 12_288))
                    .as("handle %d", handle)
                    .isTrue();
        }
    }
}
