package pmem.spi.extent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FreeExtentsTest {
    @Test
    void takes_the_lowest_run_that_fits() {
        FreeExtents free = new FreeExtents(100, 0);
        assertThat(free.take(10, 1)).isEqualTo(0);
        assertThat(free.take(5, 1)).isEqualTo(10);
        free.give(0, 10);
        assertThat(free.take(11, 1)).isEqualTo(15);
        assertThat(free.take(3, 1)).isEqualTo(0);
        assertThat(free.freePages()).isEqualTo(100 - 5 - 11 - 3);
    }

    @Test
    void alignment_counts_from_the_start_of_the_region() {
        FreeExtents free = new FreeExtents(64, 3);
        assertThat(free.take(1, 8)).isEqualTo(5);
        assertThat(free.take(1, 64)).isEqualTo(61);
        assertThat(free.take(1, 1L << 50)).isEqualTo(-1);
        assertThat(free.take(5, 1)).isEqualTo(0);
    }

    @Test
    void neighbours_become_one_run_again() {
        FreeExtents free = new FreeExtents(1000, 0);
        for (int page = 0; page < 1000; page += 4) {
            assertThat(free.take(4, 1)).isEqualTo(page);
        }
        assertThat(free.take(1, 1)).isEqualTo(-1);
        for (int page = 996; page >= 0; page -= 8) {
            free.give(page, 4);
        }
        assertThat(free.take(5, 1)).isEqualTo(-1);
        for (int page = 0; page < 1000; page += 8) {
            free.give(page, 4);
        }
        assertThat(free.longestRun(free.snapshot(true))).isEqualTo(1000);
        assertThat(free.take(1000, 1)).isEqualTo(0);
    }

    @Test
    void the_free_end_is_given_up_and_comes_back() {
        FreeExtents free = new FreeExtents(1000, 0);
        assertThat(free.usedEnd()).isZero();
        assertThat(free.take(10, 1)).isZero();
        assertThat(free.takeWithin(500, 600, 1)).isEqualTo(500);
        assertThat(free.usedEnd()).isEqualTo(501);
        assertThat(free.shrink(500)).isFalse();
        assertThat(free.freePages()).isEqualTo(1000 - 11);
        assertThat(free.shrink(501)).isTrue();
        assertThat(free.freePages()).isEqualTo(501 - 11);
        assertThat(free.take(500, 1)).isEqualTo(-1);
        assertThat(free.takeWithin(490, 1000, 11)).isEqualTo(-1);
        free.give(500, 1);
        assertThat(free.usedEnd()).isEqualTo(10);
        assertThat(free.shrink(10)).isTrue();
        assertThat(free.take(1, 1)).isEqualTo(-1);
        free.grow(1000, false);
        assertThat(free.freePages()).isEqualTo(990);
        assertThat(free.take(990, 1)).isEqualTo(10);
    }

    @Test
    void a_page_with_two_owners_is_refused() {
        FreeExtents free = new FreeExtents(10, 0);
        assertThatThrownBy(() -> free.give(3, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("page=3");
        free.markUsed(2, 2);
        assertThatThrownBy(() -> free.markUsed(3, 2)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void agrees_with_a_simple_model_on_random_histories() {
        for (long seed = 0; seed < 40; seed++) {
            compareWithModel(seed, 700, 200, 1);
        }
        for (long seed = 40; seed < 44; seed++) {
            compareWithModel(seed, 60_000, 12_000, 1);
        }
    }

    @Test
    void agrees_with_a_simple_model_where_pages_are_divided_among_nodes() {
        for (long seed = 100; seed < 180; seed++) {
            compareWithModel(seed, 700, 100, 2 + (int) seed % 3);
        }
        for (long seed = 180; seed < 184; seed++) {
            compareWithModel(seed, 60_000, 12_000, 2);
        }
    }

    private static FreeExtents freeExtents(int pageCount, PageParts parts, KeptPlan plan) {
        return new FreeExtents(
                new FreePages(pageCount, pageCount, parts),
                new WrittenPages(pageCount, false),
                new KeptExtents(plan, parts, 0));
    }

    private static void compareWithModel(long seed, int pagesMax, int extentMax, int nodes) {
        Random random = new Random(seed);
        int pageCount = 1 + random.nextInt(pagesMax);
        int basePage = random.nextInt(100);
        long partPages = nodes == 1 ? Long.MAX_VALUE : 1 + random.nextInt(Math.max(1, pageCount / 2));
        int partCount = nodes == 1 ? 1 : (int) ((basePage + pageCount + partPages - 1) / partPages);
        PageParts parts = new PageParts(partCount, nodes, partPages, basePage);
        FreeExtents free = freeExtents(pageCount, parts, KeptPlan.NONE);
        BitSet model = new BitSet();
        model.set(0, pageCount);
        List<int[]> taken = new ArrayList<>();
        for (int step = 0; step < 1000; step++) {
            if (taken.isEmpty() || random.nextInt(100) < 55) {
                int pages = 1 + random.nextInt(random.nextInt(10) == 0 ? extentMax : 8);
                int alignment = 1 << (random.nextInt(4) == 0 ? random.nextInt(6) : 0);
                int node = random.nextInt(nodes);
                int page = free.take(node, pages, alignment);
                assertThat(page)
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(firstFit(model, pageCount, parts, node, pages, alignment));
                if (page >= 0) {
                    model.clear(page, page + pages);
                    taken.add(new int[] {page, pages});
                }
            } else {
                int[] extent = taken.remove(random.nextInt(taken.size()));
                free.give(extent[0], extent[1]);
                model.set(extent[0], extent[0] + extent[1]);
            }
            assertThat(free.freePages()).as("seed %d step %d", seed, step).isEqualTo(model.cardinality());
        }
        assertThat(free.longestRun(free.snapshot(true)))
                .as("seed %d", seed)
                .isEqualTo(longest(model, pageCount, parts));
    }

    private static int firstFit(BitSet model, int pageCount, PageParts parts, int node, int pages, int alignment) {
        for (int i = 0; i < parts.nodeCount(); i++) {
            int nextNode = (node + i) % parts.nodeCount();
            for (int page = 0; page + pages <= pageCount; page++) {
                if ((parts.basePage() + page) % alignment == 0
                        && parts.nodeOf(page) == nextNode
                        && parts.partOf(page) == parts.partOf(page + pages - 1)
                        && model.nextClearBit(page) >= page + pages) {
                    return page;
                }
            }
        }
        return -1;
    }

    private static int longest(BitSet model, int pageCount, PageParts parts) {
        int longest = 0;
        int length = 0;
        for (int page = 0; page < pageCount; page++) {
            boolean goesOn = length > 0 && parts.partOf(page - 1) == parts.partOf(page);
            length = model.get(page) ? (goesOn ? length + 1 : 1) : 0;
            longest = Math.max(longest, length);
        }
        return longest;
    }
}
