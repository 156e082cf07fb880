package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Spaces that give up their free end, and get it back. */
class ShrinkingTreesTest {
    private static final int UNIT_SHIFT = 6;
    private static final long FIRST_UNIT = 100;
    private static final long TREE_UNITS = 1 << 13;
    private static final long END_UNIT = 32 * TREE_UNITS;

    private static FreeTrees trees() {
        FreeTrees trees = new FreeTrees(FIRST_UNIT, END_UNIT, UNIT_SHIFT);
        assertThat(1L << trees.treeOrder()).isEqualTo(TREE_UNITS);
        return trees;
    }

    private static void assertAllFree(FreeTrees trees, long endUnit) {
        assertThat(trees.takenUnits()).isZero();
        assertThat(trees.liveBlocks()).isZero();
        assertThat(trees.summariesHold()).isTrue();
        assertThat(trees.endOfTaken()).isEqualTo(FIRST_UNIT + 1);
        assertThat(trees.takeExactly(FIRST_UNIT, endUnit - FIRST_UNIT, 0)).isTrue();
        trees.give(FIRST_UNIT, endUnit - FIRST_UNIT, 0);
    }

    @Test
    void an_empty_space_shrinks_to_any_unit_and_grows_again() {
        FreeTrees trees = trees();
        for (long end : new long[] {END_UNIT - 1, 9 * TREE_UNITS + 7, 9 * TREE_UNITS, TREE_UNITS / 2, FIRST_UNIT + 1}) {
            assertThat(trees.shrink(end)).isTrue();
            assertAllFree(trees, end);
        }
        for (long end : new long[] {FIRST_UNIT + 3, TREE_UNITS, 5 * TREE_UNITS + 1, END_UNIT}) {
            trees.grow(end);
            assertAllFree(trees, end);
        }
    }

    @Test
    void a_taken_unit_keeps_the_space_as_it_was_and_tells_where_it_ends() {
        FreeTrees trees = trees();
        long taken = 11 * TREE_UNITS + 5;
        assertThat(trees.takeExactly(taken, 1, 1)).isTrue();
        assertThat(trees.endOfTaken()).isEqualTo(taken + 1);
        assertThat(trees.shrink(3 * TREE_UNITS)).isFalse();
        assertThat(trees.takenUnits()).isEqualTo(1);
        assertThat(trees.takeExactly(END_UNIT - 1, 1, 1)).isTrue();
        trees.give(END_UNIT - 1, 1, 1);
        assertThat(trees.shrink(taken + 1)).isTrue();
        assertThat(trees.shrink(taken)).isFalse();
        trees.give(taken, 1, 1);
        assertThat(trees.shrink(taken)).isTrue();
        assertAllFree(trees, taken);
    }

    @Test
    void nobody_finds_a_unit_in_a_tree_that_was_given_up_however_he_comes_there() {
        FreeTrees trees = trees();
        FreeTree before = trees.existing(12);
        assertThat(trees.shrink(2 * TREE_UNITS)).isTrue();
        assertThat(trees.takeFrom(before, 12, 0, 1)).isEqualTo(FreeTrees.NONE);
        assertThat(trees.takeFrom(trees.existing(12), 12, 0, 1)).isEqualTo(FreeTrees.NONE);
        assertThat(trees.takeFrom(trees.existing(9), 9, 0, 1)).isEqualTo(FreeTrees.NONE);
        Stripe stripe = new Stripe(trees, 1);
        long last = 0;
        for (long unit = stripe.take(0, 1); unit != FreeTrees.NONE; unit = stripe.take(0, 1)) {
            last = Math.max(last, unit);
        }
        assertThat(last).isEqualTo(2 * TREE_UNITS - 1);
        trees.grow(END_UNIT);
        assertThat(stripe.take(0, 1)).isGreaterThanOrEqualTo(2 * TREE_UNITS);
    }

    // A stripe remembers the tree it took from last.
    @Test
    void a_stripe_whose_tree_was_given_up_finds_room_in_the_others() {
        FreeTrees trees = trees();
        Stripe stripe = new Stripe(trees, 1);
        assertThat(trees.takeExactly(FIRST_UNIT, 15 * TREE_UNITS - FIRST_UNIT, 1))
                .isTrue();
        long unit = stripe.take(0, 1);
        assertThat(unit).isGreaterThanOrEqualTo(15 * TREE_UNITS);
        stripe.give(unit, 1, 1);
        trees.give(FIRST_UNIT, 15 * TREE_UNITS - FIRST_UNIT, 1);
        assertThat(trees.shrink(TREE_UNITS)).isTrue();
        assertThat(stripe.take(0, 1)).isBetween(FIRST_UNIT, TREE_UNITS - 1);
    }

    @Test
    void blocks_counted_in_one_tree_and_taken_off_in_another_stay_counted_right() {
        FreeTrees trees = trees();
        long start = 8 * TREE_UNITS;
        assertThat(trees.takeExactly(start - 1, 1, 1)).isTrue();
        assertThat(trees.takeExactly(start, 1, 1)).isTrue();
        trees.give(start - 1, 2, 2);
        assertThat(trees.shrink(start)).isTrue();
        assertAllFree(trees, start);
    }
}
