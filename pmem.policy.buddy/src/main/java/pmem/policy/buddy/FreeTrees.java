package pmem.policy.buddy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import pmem.spi.TagFloat;

/**
 * The free units of a buddy space, cut into {@link FreeTree trees}. Thread-safe.
 *
 * <p>A tree that was never touched is all free and does not exist yet. A block of at most a tree lies in one tree and needs one
 * lock; a larger one is a run of trees, whose locks are taken in ascending order. Nobody waits for a lock while he holds that of a
 * tree further up, so nobody waits for ever.
 */
final class FreeTrees {
    /** No block. */
    static final long NONE = -1;

    /** A tree is no larger than this unless it has to be. */
    private static final int TREE_BYTES_SHIFT = 24;
    /** Small spaces have smaller trees, so that threads find different ones. */
    private static final int TREES_WANTED_SHIFT = 4;

    private final long firstUnit;
    private final int treeOrder;
    private final long firstTree;
    /** How far the space reaches now. */
    private volatile Reach reach;
    /** Stands where the space has given a tree up, for those who still look there: nothing of it is free. */
    private final FreeTree gone;

    private final AtomicReferenceArray<@Nullable FreeTree> trees;
    /** One more than the index of the last tree that exists, edges apart. */
    private final AtomicInteger existingEnd = new AtomicInteger();

    /**
     * The end of the space and what follows from it.
     *
     * @param endUnit number of the unit after the last
     * @param treeCount number of trees
     * @param orderMax order of the largest block there can be
     * @param outsideUnits units of the first and the last tree that are not in the space
     */
    private record Reach(long endUnit, int treeCount, int orderMax, long outsideUnits) {}

    /** A space of which all is free and that does not grow. */
    FreeTrees(long firstUnit, long endUnit, int unitShift) {
        this(firstUnit, endUnit, endUnit, unitShift);
    }

    /**
     * A space of which all is free.
     *
     * @param firstUnit number of the first unit, at least 1
     * @param endUnit number of the unit after the last, larger
     * @param lastEndUnit the same when the space has grown as far as it can
     * @param unitShift logarithm of a unit's bytes
     */
    FreeTrees(long firstUnit, long endUnit, long lastEndUnit, int unitShift) {
        this.firstUnit = firstUnit;
        treeOrder = treeOrder(lastEndUnit - firstUnit, unitShift);
        firstTree = firstUnit >>> treeOrder;
        trees = new AtomicReferenceArray<>(treesTo(lastEndUnit));
        gone = new FreeTree(treeOrder);
        gone.takeRun(0, (int) gone.units());
        reach = reachTo(endUnit);
        takeOutside(startOf(0), firstUnit);
        takeOutside(endUnit, startOf(reach.treeCount));
    }

    private int treesTo(long endUnit) {
        return Math.toIntExact(((endUnit - 1) >>> treeOrder) - firstTree + 1);
    }

    private Reach reachTo(long endUnit) {
        int treeCount = treesTo(endUnit);
        long outside = firstUnit - startOf(0) + startOf(treeCount) - endUnit;
        return new Reach(endUnit, treeCount, orderMax(firstUnit, endUnit), outside);
    }

    private long startOf(int index) {
        return (firstTree + index) << treeOrder;
    }

    /** Takes in the units up to a number, all free, while others take and give. One caller at a time. */
    void grow(long newEndUnit) {
        Reach before = reach;
        if (newEndUnit <= before.endUnit) {
            return;
        }
        Reach grown = reachTo(newEndUnit);
        if (grown.treeCount > before.treeCount) {
            // Whoever remembers a tree from before a shrinking may take from it at once: its units are there already.
            for (int index = before.treeCount; index < grown.treeCount - 1; index++) {
                trees.setRelease(index, null);
            }
            trees.setRelease(grown.treeCount - 1, treeUpTo(newEndUnit));
            existingEnd.accumulateAndGet(before.treeCount, Math::max);
        }
        reach = grown;
        long endOfLast = Math.min(newEndUnit, startOf(before.treeCount));
        if (endOfLast > before.endUnit) {
            give(before.endUnit, endOfLast - before.endUnit, 0);
        }
    }

    private FreeTree treeUpTo(long endUnit) {
        FreeTree last = new FreeTree(treeOrder);
        int units = (int) last.units();
        int inside = (int) ((endUnit - 1) & (units - 1)) + 1;
        last.takeRun(inside, units);
        return last;
    }

    /** The unit after the last that is taken, at least the second: of what others take and give, that of some moment. */
    long endOfTaken() {
        Reach now = reach;
        long end = now.endUnit;
        boolean free = true;
        for (int index = now.treeCount - 1; free && index >= 0; index--) {
            List<long[]> runs = freeRunsOf(index, 1);
            free = !runs.isEmpty() && runs.getLast()[1] == end;
            end = free ? runs.getLast()[0] : end;
            free &= end == startOf(index);
        }
        return Math.max(end, firstUnit + 1);
    }

    /**
     * Gives up the units from a number on if all of them are free, while others take and give. One caller of this and of
     * {@link #grow} at a time.
     *
     * @return whether they were; if not, all is as it was
     */
    boolean shrink(long newEndUnit) {
        long endUnit = reach.endUnit;
        while (reach.endUnit > newEndUnit) {
            if (!giveUpFrom(Math.max(newEndUnit, startOf(reach.treeCount - 1)))) {
                grow(endUnit);
                return false;
            }
        }
        return true;
    }

    /** Gives up the end of the last tree, or all of it. */
    private boolean giveUpFrom(long start) {
        int index = reach.treeCount - 1;
        boolean whole = start == startOf(index);
        boolean neverTouched = whole && trees.compareAndSet(index, null, gone);
        if (!neverTouched && !takeExactly(start, reach.endUnit - start, 0)) {
            return false;
        }
        // Whoever has found the tree before finds nothing free in it.
        FreeTree tree = whole ? trees.getAndSet(index, gone) : null;
        if (tree != null) {
            // Blocks side by side may have been counted in one tree and taken off in another.
            countBlocks(firstUnit, tree.liveBlocks());
        }
        reach = reachTo(start);
        return true;
    }

    private static int treeOrder(long unitCount, int unitShift) {
        int logarithm = Long.SIZE - 1 - Long.numberOfLeadingZeros(unitCount);
        int most = Math.clamp(TREE_BYTES_SHIFT - unitShift, FreeTree.GROUP_ORDER, FreeTree.TREE_ORDER_MAX);
        return Math.clamp(logarithm - TREES_WANTED_SHIFT, FreeTree.GROUP_ORDER, most);
    }

    private static int orderMax(long firstUnit, long endUnit) {
        int order = Math.min(TagFloat.ORDER_MAX, Long.SIZE - 1 - Long.numberOfLeadingZeros(endUnit - firstUnit));
        while (!holdsBlock(order, firstUnit, endUnit)) {
            order--;
        }
        return order;
    }

    private static boolean holdsBlock(int order, long firstUnit, long endUnit) {
        long block = ((firstUnit - 1) >>> order) + 1;
        return ((block + 1) << order) <= endUnit;
    }

    private void takeOutside(long start, long end) {
        if (start < end) {
            int index = indexOf(start);
            existing(index).takeRun(startIn(index, start), endIn(index, end));
        }
    }

    /** Order of the largest block the space can hold. */
    int orderMax() {
        return reach.orderMax;
    }

    /** Order of a tree: larger blocks lie in several. */
    int treeOrder() {
        return treeOrder;
    }

    /** Number of trees. */
    int treeCount() {
        return reach.treeCount;
    }

    /** Index of the tree a unit is in. */
    int indexOf(long unit) {
        return (int) ((unit >>> treeOrder) - firstTree);
    }

    /** A tree, or null if it was never touched and is all free. */
    @Nullable
    FreeTree get(int index) {
        return trees.getAcquire(index); // pairs with: existing
    }

    /** A tree, which from now on exists. */
    FreeTree existing(int index) {
        FreeTree tree = trees.getAcquire(index);
        if (tree != null) {
            return tree;
        }
        FreeTree made = new FreeTree(treeOrder);
        FreeTree before = trees.compareAndExchange(index, null, made);
        if (before != null) {
            return before;
        }
        if (index < reach.treeCount - 1) {
            existingEnd.accumulateAndGet(index + 1, Math::max);
        }
        return made;
    }

    private long unitOf(int index, int unitInTree) {
        return ((firstTree + index) << treeOrder) + unitInTree;
    }

    /**
     * Takes from a tree the first units of a block of an order and counts a block.
     *
     * @param order 0 to {@link #treeOrder()}
     * @return its first unit, a multiple of {@code 2^order}, or {@link #NONE}
     */
    long takeFrom(FreeTree tree, int index, int order, long lengthUnits) {
        int start = tree.take(order, (int) lengthUnits);
        if (start == FreeTree.NONE) {
            return NONE;
        }
        tree.countBlocks(1);
        return unitOf(index, start);
    }

    /**
     * Takes blocks as {@link FreeTree#takeSeveral} does and counts them.
     *
     * @return how many
     */
    int takeSeveralFrom(FreeTree tree, int index, int order, long lengthUnits, long[] firstUnits, int most) {
        int taken = tree.takeSeveral(order, (int) lengthUnits, firstUnits, unitOf(index, 0), most);
        tree.countBlocks(taken);
        return taken;
    }

    /** Gives back blocks that lie side by side, which one of the methods that take counted. */
    void give(long start, long lengthUnits, int blocks) {
        int first = indexOf(start);
        int end = indexOf(start + lengthUnits - 1) + 1;
        for (int index = first; index < end; index++) {
            FreeTree tree = existing(index);
            tree.lock();
            tree.giveRun(startIn(index, start), endIn(index, start + lengthUnits));
            tree.countBlocks(index == first ? -blocks : 0);
            tree.unlock();
        }
    }

    /**
     * Takes the first units of a block that is larger than a tree, and counts it.
     *
     * @param order more than {@link #treeOrder()}, at most {@link #orderMax()}
     * @return its first unit, a multiple of {@code 2^order}, or {@link #NONE}
     */
    long takeLarge(int order, long lengthUnits) {
        long step = 1L << order;
        long endUnit = reach.endUnit;
        for (long start = (firstUnit + step - 1) & -step; start + step <= endUnit; start += step) {
            if (looksFree(start, step) && takeExactly(start, step, 1)) {
                if (lengthUnits < step) {
                    give(start + lengthUnits, step - lengthUnits, 0);
                }
                return start;
            }
        }
        return NONE;
    }

    private boolean looksFree(long start, long lengthUnits) {
        int end = indexOf(start + lengthUnits - 1) + 1;
        for (int index = indexOf(start); index < end; index++) {
            FreeTree tree = get(index);
            if (tree != null && tree.freeUnits() != tree.units()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Takes these units, which are inside the space, if all of them are free.
     *
     * @param blocks number of blocks to count
     * @return whether they were
     */
    boolean takeExactly(long start, long lengthUnits, int blocks) {
        int first = indexOf(start);
        int end = indexOf(start + lengthUnits - 1) + 1;
        boolean free = true;
        for (int index = first; index < end; index++) {
            FreeTree tree = existing(index);
            tree.lock();
            free = free && tree.isFree(startIn(index, start), endIn(index, start + lengthUnits));
        }
        existing(first).countBlocks(free ? blocks : 0);
        for (int index = end - 1; index >= first; index--) {
            FreeTree tree = existing(index);
            if (free) {
                tree.takeRun(startIn(index, start), endIn(index, start + lengthUnits));
            }
            tree.unlock();
        }
        return free;
    }

    /**
     * Takes many units of one group of a tree; those that were taken before do not matter.
     *
     * @param start the group's first unit
     * @param units a word for each of the group's words: the units to be taken
     */
    void takeAll(long start, long[] units) {
        int index = indexOf(start);
        FreeTree tree = existing(index);
        tree.lock();
        tree.takeAll(startIn(index, start), units);
        tree.unlock();
    }

    /** The part of a run of units that is in a tree begins at this of the tree's units. */
    private int startIn(int index, long start) {
        return (int) (Math.max(start, unitOf(index, 0)) - unitOf(index, 0));
    }

    private int endIn(int index, long end) {
        return (int) (Math.min(end, unitOf(index + 1, 0)) - unitOf(index, 0));
    }

    /** Counts blocks that were taken without being counted, in the tree they start in or another. */
    void countBlocks(long unit, long blocks) {
        FreeTree tree = existing(indexOf(unit));
        tree.lock();
        tree.countBlocks(blocks);
        tree.unlock();
    }

    /** Number of units that are not free: exact while no other thread takes or gives, else the sum of what each tree had at some moment. */
    long takenUnits() {
        Reach now = reach;
        long taken = -now.outsideUnits;
        int treeCount = now.treeCount;
        for (int index = 0; index < treeCount; index = nextExisting(index, treeCount)) {
            FreeTree tree = get(index);
            taken += tree == null ? 0 : tree.units() - tree.freeUnits();
        }
        return taken;
    }

    /** Number of blocks counted, exact or a sum like that of the units. */
    long liveBlocks() {
        long blocks = 0;
        int treeCount = reach.treeCount;
        for (int index = 0; index < treeCount; index = nextExisting(index, treeCount)) {
            FreeTree tree = get(index);
            blocks += tree == null ? 0 : tree.liveBlocks();
        }
        return blocks;
    }

    // The last tree exists from the beginning in most spaces, those before it come one after the other.
    private int nextExisting(int index, int treeCount) {
        return index + 1 < existingEnd.get() ? index + 1 : Math.max(index + 1, treeCount - 1);
    }

    /** Order of the largest free block, or {@link FreeTree#NONE}. */
    int largestOrder() {
        int largest = FreeTree.NONE;
        int treeCount = reach.treeCount;
        long runStart = 0;
        for (int index = 0; index < treeCount; index++) {
            FreeTree tree = get(index);
            if (tree != null && tree.freeUnits() != tree.units()) {
                largest = Math.max(largest, largestOrderOfRun(runStart, index));
                largest = Math.max(largest, Math.min(tree.largestOrder(), treeOrder));
                runStart = index + 1L;
            }
        }
        return Math.max(largest, largestOrderOfRun(runStart, treeCount));
    }

    private int largestOrderOfRun(long firstIndex, long endIndex) {
        if (firstIndex == endIndex) {
            return FreeTree.NONE;
        }
        return Math.min(
                reach.orderMax, orderMax((firstTree + firstIndex) << treeOrder, (firstTree + endIndex) << treeOrder));
    }

    /**
     * The free runs of a tree at some moment; a tree that was never touched is one run.
     *
     * @param leastUnits shorter ones are left out, unless they touch another tree
     * @return start and end of each
     */
    List<long[]> freeRunsOf(int index, long leastUnits) {
        List<long[]> found = new ArrayList<>();
        FreeRuns runs = (start, end) -> {
            boolean atEdge = start == unitOf(index, 0) || end == unitOf(index + 1, 0);
            if (end - start >= leastUnits || atEdge) {
                found.add(new long[] {start, end});
            }
        };
        FreeTree tree = get(index);
        if (tree == null) {
            runs.accept(unitOf(index, 0), unitOf(index + 1, 0));
            return found;
        }
        tree.lock();
        try {
            forEachFreeRun(tree, index, runs);
        } finally {
            tree.unlock();
        }
        return found;
    }

    /** What is told of a run of free units. */
    interface FreeRuns {
        /** A run that ends before a unit. */
        void accept(long start, long end);
    }

    /** Tells of all free runs, ascending; what lies in two trees is told in two parts. Other threads wait or change nothing. */
    void forEachFreeRun(FreeRuns runs) {
        int treeCount = reach.treeCount;
        for (int index = 0; index < treeCount; index++) {
            FreeTree tree = get(index);
            if (tree == null) {
                runs.accept(unitOf(index, 0), unitOf(index + 1, 0));
            } else {
                forEachFreeRun(tree, index, runs);
            }
        }
    }

    private void forEachFreeRun(FreeTree tree, int index, FreeRuns runs) {
        int end = (int) tree.units();
        for (int unit = tree.nextChange(0, false); unit < end; ) {
            int endOfRun = tree.nextChange(unit, true);
            runs.accept(unitOf(index, unit), unitOf(index, endOfRun));
            unit = tree.nextChange(endOfRun, false);
        }
    }

    /** Whether the summaries and counters of all trees say what their words hold; looks at all of them. */
    boolean summariesHold() {
        int treeCount = reach.treeCount;
        for (int index = 0; index < treeCount; index++) {
            FreeTree tree = get(index);
            if (tree != null && !tree.summariesHold()) {
                return false;
            }
        }
        return true;
    }

    /** Bytes of DRAM for trees. */
    long indexBytes() {
        int treeCount = reach.treeCount;
        long bytes = (long) trees.length() * Long.BYTES;
        for (int index = 0; index < treeCount; index++) {
            FreeTree tree = get(index);
            bytes += tree == null ? 0 : tree.indexBytes();
        }
        return bytes;
    }
}
