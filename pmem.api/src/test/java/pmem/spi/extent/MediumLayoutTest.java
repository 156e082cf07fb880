package pmem.spi.extent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import pmem.spi.HeapRegion;
import pmem.spi.PersistPoint;
import pmem.spi.PolicySpace;

/** Where tags and blocks of a segment are, and how long segments are in spaces of several sizes. */
class MediumLayoutTest {
    private static final int PAGE_BYTES = 4096;
    private static final int COLOURS = 8;
    private static final PersistPoint ANY = new PersistPoint("test.medium", "A point of a test.");

    private static MediumPlan plan(int unitBytes, int segments) {
        return new MediumPlan(unitBytes, 4097, 16_384, 32_768, segments, COLOURS, 1, 1, ANY, ANY, ANY);
    }

    private static MediumLayout layout(MediumPlan plan) {
        HeapRegion region = new HeapRegion(1 << 20);
        return plan.layout(ExtentTableLayout.of(new PolicySpace(region, 4096, 1 << 20, true), PAGE_BYTES, 0));
    }

    private static long placesOfTags(MediumLayout layout, int pages) {
        return IntStream.range(0, 200)
                .mapToLong(page -> layout.tagsOffset(page, pages) % PAGE_BYTES)
                .distinct()
                .count();
    }

    @Test
    void tags_start_on_four_lines_at_least_and_end_before_the_first_block() {
        for (int unitBytes = 64; unitBytes <= PAGE_BYTES; unitBytes *= 2) {
            for (int segments : new int[] {0, 1024}) {
                MediumLayout layout = layout(plan(unitBytes, segments));
                for (int pages = 8; pages < 300; pages++) {
                    int tagsEnd = pages * PAGE_BYTES / unitBytes;
                    for (int page = 0; page < 20; page++) {
                        long start = layout.tagsOffset(page, pages)
                                - layout.extents().pageOffset(page);
                        assertThat(start + tagsEnd).isLessThanOrEqualTo((long) layout.firstUnit(pages) * unitBytes);
                    }
                    if (unitBytes >= 256) {
                        assertThat(placesOfTags(layout, pages)).isBetween(4L, (long) COLOURS);
                    }
                }
            }
        }
    }

    @Test
    void segments_of_earlier_pools_keep_the_unit_more_and_others_have_it_if_they_need_it() {
        assertThat(layout(plan(256, 0)).firstUnit(8)).isEqualTo(2);
        assertThat(layout(plan(512, 0)).firstUnit(8)).isEqualTo(2);
        assertThat(layout(plan(512, 1024)).firstUnit(8)).isEqualTo(1);
        assertThat(layout(plan(256, 1024)).firstUnit(8)).isEqualTo(2);
    }

    @Test
    void segments_take_a_part_of_the_space_between_their_ordinary_length_and_the_longest() {
        MediumPlan plan = plan(512, 1024);
        MediumLayout layout = layout(plan);
        assertThat(layout.ordinaryPages(plan, 1000)).isEqualTo(8);
        assertThat(layout.ordinaryPages(plan, 65_536)).isEqualTo(64);
        assertThat(layout.ordinaryPages(plan, 1 << 28)).isEqualTo(256);
        assertThat(layout.isPossible(256 + 4, plan)).isTrue();
        assertThat(layout.isPossible(256 + 5, plan)).isFalse();
        assertThat(layout.ordinaryPages(plan(512, 0), 1 << 28)).isEqualTo(8);
    }

    @Test
    void a_granule_is_no_longer_than_the_shortest_block_asked_for() {
        assertThat(plan(512, 0).granuleShift()).as("of 4097 bytes, 9 units").isEqualTo(3);
        assertThat(plan(64, 0).granuleShift())
                .as("the mark of a unit is a byte")
                .isEqualTo(6);
    }
}
