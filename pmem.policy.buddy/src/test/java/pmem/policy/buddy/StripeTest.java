package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A space of sixteen trees of 4096 units, from the first unit of a tree on. */
class StripeTest {
    private static final int TREE_UNITS = 4096;
    private static final int TREES = 16;

    private final FreeTrees trees = new FreeTrees(TREE_UNITS, (long) (TREES + 1) * TREE_UNITS, 6);
    private final Stripe mine = new Stripe(trees, 1);
    private final Stripe other = new Stripe(trees, 2);

    private int treeOf(long unit) {
        return trees.indexOf(unit);
    }

    private List<Long> takeAll(Stripe stripe, int order) {
        List<Long> units = new ArrayList<>();
        for (long unit = stripe.take(order, 1L << order);
                unit != FreeTrees.NONE;
                unit = stripe.take(order, 1L << order)) {
            units.add(unit);
        }
        return units;
    }

    @Test
    void two_stripes_take_from_different_trees() {
        assertThat(treeOf(mine.take(0, 1))).isEqualTo(treeOf(mine.take(3, 8))).isNotEqualTo(treeOf(other.take(0, 1)));
    }

    @Test
    void a_tree_in_part_taken_comes_before_an_empty_one_and_that_before_one_almost_full() {
        trees.takeExactly(TREE_UNITS, TREE_UNITS - 4, 1); // tree 0
        trees.takeExactly(4L * TREE_UNITS, 64, 1); // tree 3
        assertThat(treeOf(mine.take(0, 1))).isEqualTo(3);
        trees.takeExactly(4L * TREE_UNITS + 128, TREE_UNITS - 128, 1);
        assertThat(treeOf(mine.take(7, 128))).isEqualTo(4);
        for (int tree = 1; tree < TREES; tree++) {
            trees.takeExactly((tree + 1L) * TREE_UNITS + 2048, 2048, 1);
            other.take(0, 1);
        }
        takeAll(mine, 0);
        assertThat(trees.takenUnits()).isEqualTo((long) TREES * TREE_UNITS);
    }

    @Test
    void four_frees_in_a_row_into_another_tree_reserve_it() {
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            blocks.add(other.take(0, 1));
        }
        int tree = treeOf(blocks.getFirst());
        other.giveUp();
        long first = mine.take(12, TREE_UNITS);
        assertThat(treeOf(first)).isNotEqualTo(tree);
        for (int i = 0; i < 3; i++) {
            mine.give(blocks.get(i), 1, 1);
        }
        mine.give(first, TREE_UNITS, 1);
        assertThat(treeOf(mine.take(0, 1))).isEqualTo(treeOf(first));
        mine.give(blocks.get(3), 1, 1);
        assertThat(treeOf(mine.take(0, 1))).isEqualTo(tree);
    }

    @Test
    void reserved_trees_of_others_are_used_before_there_is_no_room() {
        long kept = other.take(0, 1);
        List<Long> all = takeAll(mine, 0);
        assertThat(all).hasSize(TREES * TREE_UNITS - 1).doesNotContain(kept).doesNotHaveDuplicates();
        assertThat(trees.largestOrder()).isEqualTo(FreeTree.NONE);
        all.forEach(unit -> other.give(unit, 1, 1));
        mine.give(kept, 1, 1);
        assertThat(trees.takenUnits()).isZero();
        assertThat(trees.liveBlocks()).isZero();
        assertThat(trees.largestOrder()).isEqualTo(15);
        assertThat(trees.summariesHold()).isTrue();
    }

    @Test
    void a_given_up_tree_is_free_for_others() {
        long unit = mine.take(0, 1);
        mine.giveUp();
        assertThat(treeOf(other.take(0, 1))).isEqualTo(treeOf(unit));
    }

    @Test
    void blocks_larger_than_a_tree_are_runs_of_free_trees() {
        long small = mine.take(0, 1);
        long large = mine.take(14, 4 * TREE_UNITS - 100);
        assertThat(large % (4 * TREE_UNITS)).isZero();
        assertThat(large > small || large + 4 * TREE_UNITS <= small).isTrue();
        assertThat(trees.takenUnits()).isEqualTo(4 * TREE_UNITS - 99);
        assertThat(trees.liveBlocks()).isEqualTo(2);
        List<Long> more = takeAll(other, 14);
        assertThat(more).hasSize(2).doesNotContain(large);
        assertThat(trees.largestOrder()).isEqualTo(13);
        mine.give(large, 4 * TREE_UNITS - 100, 1);
        more.forEach(unit -> mine.give(unit, 4 * TREE_UNITS, 1));
        mine.give(small, 1, 1);
        assertThat(trees.largestOrder()).isEqualTo(15);
        assertThat(trees.summariesHold()).isTrue();
    }

    @Test
    void a_block_at_a_place_is_taken_whole_or_not_at_all() {
        assertThat(trees.takeExactly(2 * TREE_UNITS - 10, 20, 1)).isTrue();
        assertThat(trees.takeExactly(TREE_UNITS, 3 * TREE_UNITS, 1)).isFalse();
        assertThat(trees.takenUnits()).isEqualTo(20);
        assertThat(trees.takeExactly(TREE_UNITS, TREE_UNITS - 10, 1)).isTrue();
        assertThat(trees.liveBlocks()).isEqualTo(2);
        trees.give(TREE_UNITS, TREE_UNITS - 10, 1);
        trees.give(2 * TREE_UNITS - 10, 20, 1);
        assertThat(trees.largestOrder()).isEqualTo(15);
        assertThat(trees.summariesHold()).isTrue();
    }
}
