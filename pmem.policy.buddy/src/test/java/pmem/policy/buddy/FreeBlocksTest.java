package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FreeBlocksTest {
    /** First units of all free blocks and their orders. */
    private static Map<Long, Integer> blocks(FreeBlocks free) {
        Map<Long, Integer> blocks = new TreeMap<>();
        for (int order = 0; order <= free.orderMax(); order++) {
            int of = order;
            free.forEachBlock(order, start -> blocks.put(start, of));
        }
        return blocks;
    }

    private static FreeBlocks fresh(long firstUnit, long endUnit) {
        FreeBlocks free = new FreeBlocks(firstUnit, endUnit);
        free.addRun(firstUnit, endUnit);
        return free;
    }

    @Test
    void a_fresh_space_is_the_largest_aligned_blocks() {
        assertThat(blocks(fresh(3, 27))).isEqualTo(Map.of(3L, 0, 4L, 2, 8L, 3, 16L, 3, 24L, 1, 26L, 0));
    }

    @Test
    void the_smallest_sufficient_block_is_split_and_its_tail_stays_free() {
        FreeBlocks free = fresh(3, 27);
        assertThat(free.take(3, 5)).isEqualTo(8);
        assertThat(blocks(free)).isEqualTo(Map.of(3L, 0, 4L, 2, 13L, 0, 14L, 1, 16L, 3, 24L, 1, 26L, 0));
        assertThat(free.take(0, 1)).isEqualTo(3);
        assertThat(free.take(2, 4)).isEqualTo(4);
        assertThat(free.take(2, 3)).isEqualTo(16);
        assertThat(free.take(3, 8)).isEqualTo(FreeBlocks.NONE);
        assertThat(blocks(free)).isEqualTo(Map.of(13L, 0, 14L, 1, 19L, 0, 20L, 2, 24L, 1, 26L, 0));
    }

    @Test
    void given_units_join_their_buddies_up_to_the_largest_order() {
        FreeBlocks free = fresh(3, 27);
        Map<Long, Integer> before = blocks(free);
        long five = free.take(3, 5);
        long three = free.take(3, 3);
        long one = free.take(0, 1);
        free.give(three, 3);
        free.give(five, 5);
        free.give(one, 1);
        assertThat(blocks(free)).isEqualTo(before);
        assertThat(free.freeUnits()).isEqualTo(24);
    }

    @Test
    void nothing_joins_past_the_ends_of_the_space() {
        FreeBlocks free = fresh(5, 6);
        assertThat(free.orderMax()).isZero();
        assertThat(free.take(0, 1)).isEqualTo(5);
        assertThat(free.largestOrder()).isEqualTo(-1);
        free.give(5, 1);
        assertThat(blocks(free)).isEqualTo(Map.of(5L, 0));
    }

    @Property
    void the_largest_block_of_a_fresh_space_is_more_than_a_quarter_of_it(
            @ForAll @IntRange(min = 1, max = 5000) int firstUnit,
            @ForAll @IntRange(min = 1, max = 5000) int unitCount) {
        FreeBlocks free = fresh(firstUnit, (long) firstUnit + unitCount);
        assertThat(free.largestOrder()).isEqualTo(free.orderMax());
        assertThat(4L << free.largestOrder()).isGreaterThan(unitCount);
    }
}
