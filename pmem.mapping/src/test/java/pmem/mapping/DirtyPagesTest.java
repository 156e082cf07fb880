package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DirtyPagesTest {
    private final DirtyPages pages = new DirtyPages();

    private List<String> ranges() {
        List<String> ranges = new ArrayList<>();
        for (int range = 0; range < pages.rangeCount(); range++) {
            ranges.add(pages.firstPage(range) + "-" + pages.endPage(range));
        }
        return ranges;
    }

    @Test
    void the_same_page_is_one_range() {
        pages.add(7, 8);
        pages.add(7, 8);
        assertThat(ranges()).containsExactly("7-8");
    }

    @Test
    void touching_and_overlapping_pages_join() {
        pages.add(10, 12);
        pages.add(12, 13);
        pages.add(8, 10);
        pages.add(9, 11);
        assertThat(ranges()).containsExactly("8-13");
    }

    @Test
    void ranges_are_sorted_and_a_bridge_joins_them() {
        pages.add(30, 31);
        pages.add(10, 11);
        pages.add(20, 21);
        assertThat(ranges()).containsExactly("10-11", "20-21", "30-31");
        pages.add(11, 30);
        assertThat(ranges()).containsExactly("10-31");
    }

    @Test
    void too_many_ranges_join_where_the_gap_is_smallest() {
        for (int range = 0; range < DirtyPages.RANGES_MAX; range++) {
            pages.add(range * 100L, range * 100L + 1);
        }
        pages.add(302, 303);
        assertThat(pages.rangeCount()).isEqualTo(DirtyPages.RANGES_MAX);
        assertThat(ranges()).contains("302-303", "0-101");
    }

    @Test
    void cleared_pages_are_gone() {
        pages.add(1, 2);
        pages.clear();
        assertThat(ranges()).isEmpty();
    }

    @Test
    void no_page_is_ever_lost() {
        long seed = Long.getLong("pmem.seed", 0x5eed);
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            pages.clear();
            BitSet expected = new BitSet();
            for (int step = 0; step < 40; step++) {
                int first = random.nextInt(300);
                int end = first + 1 + random.nextInt(6);
                pages.add(first, end);
                expected.set(first, end);
            }
            String repeat = "mvn test -pl pmem.mapping -Dtest=DirtyPagesTest -Dpmem.seed=" + seed;
            assertThat(pages.rangeCount()).as(repeat).isBetween(1, DirtyPages.RANGES_MAX);
            BitSet found = new BitSet();
            for (int range = 0; range < pages.rangeCount(); range++) {
                assertThat(pages.firstPage(range)).as(repeat).isLessThan(pages.endPage(range));
                if (range > 0) {
                    assertThat(pages.firstPage(range)).as(repeat).isGreaterThan(pages.endPage(range - 1));
                }
                found.set((int) pages.firstPage(range), (int) pages.endPage(range));
            }
            expected.andNot(found);
            assertThat(expected.isEmpty()).as(repeat).isTrue();
        }
    }
}
