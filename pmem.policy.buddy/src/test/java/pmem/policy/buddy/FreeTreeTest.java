package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FreeTreeTest {
    private static final int STEPS = 4000;

    private record Run(int start, int end) {}

    /** A tree and a plain set of its free units. */
    private static final class Pair {
        final int order;
        final FreeTree tree;
        final BitSet free = new BitSet();
        final List<Run> taken = new ArrayList<>();

        Pair(int order) {
            this.order = order;
            tree = new FreeTree(order);
            free.set(0, 1 << order);
        }

        void take(int blockOrder, int lengthUnits) {
            boolean expected = tree.largestOrder() >= blockOrder;
            int start = tree.take(blockOrder, lengthUnits);
            assertThat(start != FreeTree.NONE).isEqualTo(expected);
            if (expected) {
                assertThat(start % (1 << blockOrder)).isZero();
                assertThat(free.nextClearBit(start)).isGreaterThanOrEqualTo(start + (1 << blockOrder));
                free.clear(start, start + lengthUnits);
                taken.add(new Run(start, start + lengthUnits));
            }
        }

        void give(int index) {
            Run run = taken.remove(index);
            tree.giveRun(run.start, run.end);
            free.set(run.start, run.end);
        }

        void check() {
            assertThat(tree.summariesHold()).isTrue();
            assertThat(tree.freeUnits()).isEqualTo(free.cardinality());
            assertThat(tree.largestOrder()).isEqualTo(largestOrder());
            for (int unit = 0; unit < 1 << order; ) {
                int change = tree.nextChange(unit, free.get(unit));
                int expected = free.get(unit) ? free.nextClearBit(unit) : free.nextSetBit(unit);
                assertThat(change).isEqualTo(expected < 0 ? 1 << order : Math.min(expected, 1 << order));
                unit = change;
            }
        }

        private int largestOrder() {
            int largest = FreeTree.NONE;
            for (int start = free.nextSetBit(0); start >= 0; start = free.nextSetBit(free.nextClearBit(start))) {
                int end = free.nextClearBit(start);
                while (largest < order && alignedUp(start, largest + 1) + (1 << (largest + 1)) <= end) {
                    largest++;
                }
            }
            return largest;
        }

        private static int alignedUp(int unit, int order) {
            return (unit + (1 << order) - 1) & -(1 << order);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 18})
    void random_blocks_of_all_orders_agree_with_a_set_of_units(int order) {
        long seed = Long.decode(System.getProperty("pmem.seed", "1"));
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        Pair pair = new Pair(order);
        for (int step = 0; step < STEPS; step++) {
            if (random.nextInt(100) < 55 || pair.taken.isEmpty()) {
                int blockOrder = random.nextInt(1 + random.nextInt(order + 1));
                int most = 1 << blockOrder;
                pair.take(blockOrder, random.nextBoolean() ? most : 1 + random.nextInt(most));
            } else {
                pair.give(random.nextInt(pair.taken.size()));
            }
            if (step % 97 == 0) {
                pair.check();
            }
        }
        while (!pair.taken.isEmpty()) {
            pair.give(pair.taken.size() - 1);
        }
        pair.check();
        assertThat(pair.tree.largestOrder()).isEqualTo(order);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14})
    void units_taken_a_group_at_once_are_those_taken_one_by_one(int order) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        for (int round = 0; round < 200; round++) {
            FreeTree byUnit = new FreeTree(order);
            FreeTree atOnce = new FreeTree(order);
            for (int group = 0; group < 1 << order; group += 4096) {
                long[] units = new long[64];
                for (int word = 0; word < units.length; word++) {
                    units[word] = random.nextInt(3) == 0 ? random.nextLong() : -random.nextInt(2);
                }
                if (random.nextBoolean()) {
                    int taken = group + random.nextInt(4096);
                    byUnit.takeRun(taken, taken + 1);
                    atOnce.takeRun(taken, taken + 1);
                }
                takeOneByOne(byUnit, group, units);
                atOnce.takeAll(group, units);
            }
            assertThat(atOnce.summariesHold()).isTrue();
            assertThat(atOnce.freeUnits()).isEqualTo(byUnit.freeUnits());
            for (int unit = 0; unit < 1 << order; unit++) {
                assertThat(atOnce.nextChange(unit, true)).isEqualTo(byUnit.nextChange(unit, true));
            }
        }
    }

    private static void takeOneByOne(FreeTree tree, int group, long[] units) {
        for (int unit = 0; unit < 4096; unit++) {
            if ((units[unit / 64] >>> unit & 1) != 0 && tree.isFree(group + unit, group + unit + 1)) {
                tree.takeRun(group + unit, group + unit + 1);
            }
        }
    }

    @Test
    void every_order_fills_the_tree_exactly_and_joins_again() {
        FreeTree tree = new FreeTree(14);
        for (int order = 0; order <= 14; order++) {
            BitSet starts = new BitSet();
            int start = tree.take(order, 1 << order);
            while (start != FreeTree.NONE) {
                assertThat(starts.get(start)).isFalse();
                starts.set(start);
                start = tree.take(order, 1 << order);
            }
            assertThat(starts.cardinality()).isEqualTo(1 << (14 - order));
            assertThat(tree.largestOrder()).isEqualTo(FreeTree.NONE);
            int of = order;
            starts.stream().forEach(unit -> tree.giveRun(unit, unit + (1 << of)));
            assertThat(tree.largestOrder()).isEqualTo(14);
            assertThat(tree.summariesHold()).isTrue();
        }
    }

    @Test
    void a_run_is_free_only_if_all_its_units_are() {
        FreeTree tree = new FreeTree(13);
        assertThat(tree.isFree(0, 8192)).isTrue();
        tree.takeRun(5000, 5001);
        assertThat(tree.isFree(0, 5000)).isTrue();
        assertThat(tree.isFree(4999, 5001)).isFalse();
        assertThat(tree.isFree(5001, 8192)).isTrue();
        tree.takeRun(0, 5000);
        tree.takeRun(5001, 8192);
        assertThat(tree.largestOrder()).isEqualTo(FreeTree.NONE);
        tree.giveRun(4096, 8192);
        tree.giveRun(0, 4096);
        assertThat(tree.largestOrder()).isEqualTo(13);
        assertThat(tree.summariesHold()).isTrue();
    }
}
