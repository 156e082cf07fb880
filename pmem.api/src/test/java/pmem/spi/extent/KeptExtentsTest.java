package pmem.spi.extent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What large blocks have left, in pages of one byte: kept for the next block of its length, and free for everybody else. */
class KeptExtentsTest {
    private static final int PAGES = 1000;
    private static final KeptPlan PLAN = new KeptPlan(100, 4 * 200);

    private final FreeExtents free = freeExtents(PageParts.one(0), PLAN, false);

    private static FreeExtents freeExtents(PageParts parts, KeptPlan plan, boolean blank) {
        return new FreeExtents(
                new FreePages(PAGES, PAGES, parts), new WrittenPages(PAGES, blank), new KeptExtents(plan, parts, 0));
    }

    private static int take(FreeExtents from, int node, int pages, long alignPages) {
        int kept = from.large().takeKept(node, pages, alignPages);
        return kept >= 0 ? kept : from.large().take(node, pages, alignPages);
    }

    private int take(int pages) {
        return take(free, 0, pages, 1);
    }

    private static void give(FreeExtents to, int page, int pages) {
        if (!to.large().keep(page, pages)) {
            to.large().give(page, pages);
        }
    }

    private int keptPages() {
        return usedBits(free.snapshot(false)) - usedBits(free.snapshot(true));
    }

    private static int usedBits(PageBits bits) {
        int used = 0;
        for (int page = 0; page < PAGES; page++) {
            used += bits.get(page) ? 1 : 0;
        }
        return used;
    }

    @Test
    void the_next_block_of_a_length_gets_the_extent_that_was_kept_last() {
        int low = take(30);
        int high = take(30);
        give(free, low, 30);
        give(free, high, 30);
        assertThat(keptPages()).isEqualTo(60);
        assertThat(free.freePages()).isEqualTo(PAGES);
        assertThat(take(30)).isEqualTo(high);
        assertThat(take(30)).isEqualTo(low);
        assertThat(take(30)).isEqualTo(60);
    }

    @Test
    void an_extent_is_kept_for_blocks_whose_alignment_it_has() {
        int low = take(3);
        int odd = take(5);
        give(free, odd, 5);
        assertThat(take(free, 0, 5, 4) % 4).isZero();
        assertThat(take(5)).isEqualTo(odd);
        assertThat(low).isZero();
    }

    @Test
    void an_extent_that_is_little_longer_is_cut_and_its_end_is_free() {
        int page = take(40);
        take(PAGES - 40);
        give(free, page, 40);
        assertThat(take(25)).isEqualTo(page);
        assertThat(free.takeOnNode(0, 15, 1)).isEqualTo(page + 25);
        assertThat(free.freePages()).isZero();
    }

    @Test
    void an_extent_that_is_much_longer_waits_for_a_block_of_its_length() {
        int page = take(90);
        give(free, page, 90);
        assertThat(take(10)).isEqualTo(90);
        assertThat(take(90)).isEqualTo(page);
    }

    @Test
    void an_extent_that_is_little_shorter_grows_into_free_pages_behind_it() {
        int low = take(10);
        int page = take(40);
        give(free, page, 40);
        assertThat(take(50)).isEqualTo(page);
        assertThat(free.freePages()).isEqualTo(PAGES - 60);
        assertThat(low).isZero();
    }

    @Test
    void an_extent_with_a_block_behind_it_does_not_grow() {
        int page = take(40);
        int behind = take(1);
        give(free, page, 40);
        assertThat(take(50)).isEqualTo(behind + 1);
        assertThat(take(40)).isEqualTo(page);
    }

    @Test
    void blocks_that_are_too_long_are_not_kept() {
        give(free, take(101), 101);
        assertThat(keptPages()).isZero();
        give(free, take(100), 100);
        assertThat(keptPages()).isEqualTo(100);
    }

    @Test
    void the_oldest_give_way_to_what_would_be_more_than_is_kept() {
        int[] pages = new int[5];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = take(60);
        }
        for (int page : pages) {
            give(free, page, 60);
            assertThat(keptPages()).isLessThanOrEqualTo(200);
        }
        assertThat(keptPages()).isEqualTo(180);
        assertThat(free.takeOnNode(0, 120, 1))
                .as("the two oldest, side by side")
                .isZero();
    }

    @Test
    void many_small_ones_are_kept_up_to_a_number() {
        for (int i = 0; i < 50; i++) {
            assertThat(take(1)).isEqualTo(i);
        }
        for (int i = 0; i < 50; i++) {
            give(free, i, 1);
        }
        assertThat(keptPages()).isEqualTo(KeptShelf.EXTENTS_MAX);
        assertThat(free.freePages()).isEqualTo(PAGES);
    }

    @Test
    void whoever_finds_no_room_gets_what_is_kept() {
        int page = take(100);
        int next = take(100);
        take(PAGES - 200);
        give(free, page, 100);
        give(free, next, 100);
        assertThat(free.longestRun(free.snapshot(true))).isEqualTo(200);
        assertThat(free.takeOnNode(0, 200, 1)).isEqualTo(page);
        assertThat(free.takeOnNode(0, 1, 1)).isEqualTo(-1);
    }

    @Test
    void who_wants_more_pages_than_there_are_is_refused_and_what_is_kept_stays() {
        give(free, take(100), 100);
        assertThat(take(PAGES + 1)).isEqualTo(-1);
        assertThat(free.takeOnNode(0, PAGES + 1, 1)).isEqualTo(-1);
        assertThat(keptPages()).isEqualTo(100);
        give(free, take(40), 40);
        assertThat(keptPages()).as("the next one is kept too").isEqualTo(140);
        assertThat(free.takeOnNode(0, PAGES, 1)).as("as many as there are").isZero();
    }

    @Test
    void after_a_shortage_nothing_is_kept_until_as_many_pages_came_back_as_there_are() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 10; i++) {
                assertThat(free.takeOnNode(0, 100, 1)).isEqualTo(100 * i);
            }
            assertThat(take(100)).isEqualTo(-1);
            for (int i = 0; i < 10; i++) {
                give(free, 100 * i, 100);
                assertThat(keptPages()).isZero();
            }
        }
        give(free, take(100), 100);
        assertThat(keptPages()).isEqualTo(100);
    }

    @Test
    void what_was_not_used_between_two_looks_goes_back_one_by_one_then_two_by_two() {
        for (int i = 0; i < 8; i++) {
            take(10);
        }
        for (int i = 0; i < 8; i++) {
            give(free, 10 * i, 10);
        }
        List<Integer> left = new ArrayList<>();
        for (int look = 0; look < 6; look++) {
            free.giveIdleBack(4);
            left.add(keptPages());
        }
        assertThat(left).containsExactly(80, 70, 50, 10, 0, 0);
    }

    @Test
    void the_end_is_given_up_though_extents_there_are_kept() {
        int page = take(100);
        give(free, page, 100);
        assertThat(free.shrink(50)).isTrue();
        assertThat(free.freePages()).isEqualTo(50);
        assertThat(take(100)).isEqualTo(-1);
    }

    @Test
    void a_block_grows_into_what_is_kept_behind_it() {
        int page = take(50);
        int behind = take(50);
        give(free, behind, 50);
        assertThat(free.large().takeAt(page + 50, 20)).isTrue();
        assertThat(free.takeOnNode(0, 30, 1)).isEqualTo(page + 70);
    }

    @Test
    void what_is_kept_is_not_known_to_be_zero_any_more() {
        FreeExtents blank = freeExtents(PageParts.one(0), PLAN, true);
        int page = take(blank, 0, 40, 1);
        assertThat(blank.writtenWithin(page, page + 40)).isEmpty();
        give(blank, page, 40);
        assertThat(take(blank, 0, 40, 1)).isEqualTo(page);
        assertThat(blank.writtenWithin(page, page + 40)).containsExactly(page, page + 40);
        give(blank, page, 40);
        assertThat(take(blank, 0, 60, 1)).as("grown").isEqualTo(page);
        assertThat(blank.writtenWithin(page, page + 60)).containsExactly(page, page + 40);
    }

    @Test
    void no_page_is_given_twice_none_is_lost_and_nobody_is_refused_room_that_there_is() {
        for (long seed = 0; seed < 60; seed++) {
            compareWithModel(seed, 1 + (int) seed % 3);
        }
    }

    private static void compareWithModel(long seed, int nodes) {
        Random random = new Random(seed);
        int partPages = 150 + random.nextInt(300);
        PageParts parts =
                nodes == 1 ? PageParts.one(7) : new PageParts((7 + PAGES) / partPages + 1, nodes, partPages, 7);
        KeptPlan plan = new KeptPlan(1 + random.nextInt(150), 4L * nodes * (1 + random.nextInt(400)));
        FreeExtents free = freeExtents(parts, plan, false);
        BitSet model = new BitSet();
        model.set(0, PAGES);
        List<int[]> taken = new ArrayList<>();
        for (int step = 0; step < 2000; step++) {
            String place = "seed " + seed + " step " + step;
            if (taken.isEmpty() || random.nextInt(100) < 52) {
                int pages = 1 + random.nextInt(random.nextBoolean() ? 120 : 8);
                int alignment = 1 << (random.nextInt(4) == 0 ? random.nextInt(5) : 0);
                int page = random.nextInt(4) == 0
                        ? free.take(random.nextInt(nodes), pages, alignment)
                        : take(free, random.nextInt(nodes), pages, alignment);
                if (page < 0) {
                    assertThat(hasRun(model, parts, pages, alignment))
                            .as("%s: %d pages are free", place, pages)
                            .isFalse();
                } else {
                    assertThat(model.nextClearBit(page)).as(place).isGreaterThanOrEqualTo(page + pages);
                    assertThat(parts.partOf(page)).as(place).isEqualTo(parts.partOf(page + pages - 1));
                    assertThat((parts.basePage() + page) % alignment).as(place).isZero();
                    model.clear(page, page + pages);
                    taken.add(new int[] {page, pages});
                }
            } else {
                int[] extent = taken.remove(random.nextInt(taken.size()));
                if (random.nextInt(4) == 0) {
                    free.give(extent[0], extent[1]);
                } else {
                    give(free, extent[0], extent[1]);
                }
                model.set(extent[0], extent[0] + extent[1]);
            }
            assertThat(free.freePages()).as(place).isEqualTo(model.cardinality());
        }
        assertThat(usedBits(free.snapshot(true))).as("seed %d", seed).isEqualTo(PAGES - model.cardinality());
    }

    private static boolean hasRun(BitSet model, PageParts parts, int pages, int alignment) {
        for (int page = 0; page + pages <= PAGES; page++) {
            if ((parts.basePage() + page) % alignment == 0
                    && parts.partOf(page) == parts.partOf(page + pages - 1)
                    && model.nextClearBit(page) >= page + pages) {
                return true;
            }
        }
        return false;
    }
}
