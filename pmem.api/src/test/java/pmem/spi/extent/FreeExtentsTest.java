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
        assertThat(free.longestRun(free.snapshot())).isEqualTo(1000);
        assertThat(free.take(1000, 1)).isEqualTo(0);
    }

    @Test
    void the_free_end_is_given_up_and_comes_back() {
        FreeExtents free = new FreeExtents(1000, 1000, 0, false);
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
            compareWithModel(seed, 700, 200);
        }
        for (long seed = 40; seed < 44; seed++) {
            compareWithModel(seed, 60_000, 12_000);
        }
    }

    private static void compareWithModel(long seed, int pagesMax, int extentMax) {
        Random random = new Random(seed);
        int pageCount = 1 + random.nextInt(pagesMax);
        int basePage = random.nextInt(100);
        FreeExtents free = new FreeExtents(pageCount, basePage);
        BitSet model = new BitSet();
        model.set(0, pageCount);
        List<int[]> taken = new ArrayList<>();
        for (int step = 0; step < 1000; step++) {
            if (taken.isEmpty() || random.nextInt(100) < 55) {
                int pages = 1 + random.nextInt(random.nextInt(10) == 0 ? extentMax : 8);
                int alignment = 1 << (random.nextInt(4) == 0 ? random.nextInt(6) : 0);
                int page = free.take(pages, alignment);
                assertThat(page)
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(firstFit(model, pageCount, basePage, pages, alignment));
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
    }

    private static int firstFit(BitSet model, int pageCount, int basePage, int pages, int alignment) {
        for (int page = 0; page + pages <= pageCount; page++) {
            if ((basePage + page) % alignment == 0 && model.nextClearBit(page) >= page + pages) {
                return page;
            }
        }
        return -1;
    }
}
