package pmem.policy.buddy;

/**
 * Which tree a thread, or a few threads, take blocks from: the tree is <em>reserved</em> for them, others avoid it while they find
 * room elsewhere. The first attempt of a call is one lock that nobody else wants. Nothing is kept here that others could
 * miss: a reservation is a hint, and whoever finds nothing else takes from reserved trees too.
 *
 * <p>Another tree is reserved when this one has no block of the order, or after several frees in a row into that one. Preferred is a
 * tree of which a part is taken to one that is all free, that to one which is almost full, and all of these to one that is
 * reserved for others; nearer ones come first.
 *
 * <p>Thread-safe, since hints may be lost; without contention if one thread uses it.
 */
final class Stripe {
    private static final int NO_TREE = -1;
    /** So many frees in a row into a tree reserve it. */
    private static final int FREES_TO_RESERVE = 4;
    /** A tree of which no more than this part is free, as a shift, is almost full. */
    private static final int ALMOST_FULL_SHIFT = 4;
    /** After so many trees any that is not reserved will do. */
    private static final int VICINITY_TREES = 256;

    private static final int PARTIAL = 0;
    private static final int EMPTY = 1;
    private static final int ALMOST_FULL = 2;
    private static final int RESERVED = 3;
    private static final int UNFIT = 4;

    private final FreeTrees trees;
    /** Names this stripe in the trees reserved for it; not 0. */
    private final long id;
    // Each in the middle of two lines, apart from the next stripe's.
    private final int[] hints = new int[64];
    private static final int TREE = 32;
    private static final int LAST_FREED = 33;
    private static final int FREES = 34;

    Stripe(FreeTrees trees, long id) {
        this.trees = trees;
        this.id = id;
        hints[TREE] = NO_TREE;
        hints[LAST_FREED] = NO_TREE;
    }

    /**
     * Takes the first units of a block of an order.
     *
     * @param order 0 to {@link FreeTrees#orderMax()}
     * @return its first unit, a multiple of {@code 2^order}, or {@link FreeTrees#NONE}
     */
    long take(int order, long lengthUnits) {
        if (order > trees.treeOrder()) {
            return trees.takeLarge(order, lengthUnits);
        }
        int index = hints[TREE];
        FreeTree tree = index == NO_TREE ? null : trees.get(index);
        if (tree != null && tree.tryLock()) {
            long unit = trees.takeFrom(tree, index, order, lengthUnits);
            tree.unlock();
            if (unit != FreeTrees.NONE) {
                return unit;
            }
        }
        return takeElsewhere(order, lengthUnits);
    }

    // Whoever is too late at the tree he chose was beaten by one who got a block.
    private long takeElsewhere(int order, long lengthUnits) {
        for (int index = choose(order); index != NO_TREE; index = choose(order)) {
            FreeTree tree = trees.existing(index);
            tree.lock();
            long unit = trees.takeFrom(tree, index, order, lengthUnits);
            tree.unlock();
            if (unit != FreeTrees.NONE) {
                reserve(index, tree);
                return unit;
            }
        }
        return FreeTrees.NONE;
    }

    /**
     * Takes several blocks if they are at hand in this stripe's tree, or one wherever it is.
     *
     * @param firstUnits where to put their first units, the one to be used first last
     * @param most 1 or more
     * @return how many, 0 if there is none
     */
    int takeSeveral(int order, long lengthUnits, long[] firstUnits, int most) {
        int index = hints[TREE];
        FreeTree tree = index == NO_TREE || order > trees.treeOrder() ? null : trees.get(index);
        if (tree != null && tree.tryLock()) {
            int taken = trees.takeSeveralFrom(tree, index, order, lengthUnits, firstUnits, most);
            tree.unlock();
            if (taken > 0) {
                return taken;
            }
        }
        firstUnits[0] = take(order, lengthUnits);
        return firstUnits[0] == FreeTrees.NONE ? 0 : 1;
    }

    private int choose(int order) {
        int best = NO_TREE;
        int bestFitness = UNFIT;
        int count = trees.treeCount();
        // The tree may lie beyond the end of a space that has become smaller.
        int start = hints[TREE] < count ? Math.max(0, hints[TREE]) : 0;
        for (int i = 0; i < count && bestFitness > PARTIAL && (i < VICINITY_TREES || bestFitness >= RESERVED); i++) {
            int index = start + i < count ? start + i : start + i - count;
            int fitness = fitness(index, order);
            if (fitness < bestFitness) {
                best = index;
                bestFitness = fitness;
            }
        }
        return best;
    }

    private int fitness(int index, int order) {
        FreeTree tree = trees.get(index);
        if (tree == null) {
            return EMPTY;
        }
        if (!tree.holds(order)) {
            return UNFIT;
        }
        long owner = tree.owner();
        if (owner != 0 && owner != id) {
            return RESERVED;
        }
        long freeUnits = tree.freeUnits();
        if (freeUnits == tree.units()) {
            return EMPTY;
        }
        return freeUnits > tree.units() >>> ALMOST_FULL_SHIFT ? PARTIAL : ALMOST_FULL;
    }

    private void reserve(int index, FreeTree tree) {
        if (hints[TREE] == index) {
            return;
        }
        long owner = tree.owner();
        if (owner != 0 && owner != id) {
            return;
        }
        giveUp();
        tree.setOwner(id);
        hints[TREE] = index;
    }

    /** Gives blocks back that lie side by side. */
    void give(long start, long lengthUnits, int blocks) {
        trees.give(start, lengthUnits, blocks);
        int index = trees.indexOf(start);
        if (index != hints[TREE]) {
            countFree(index);
        }
    }

    private void countFree(int index) {
        if (hints[LAST_FREED] != index) {
            hints[LAST_FREED] = index;
            hints[FREES] = 1;
        } else if (++hints[FREES] >= FREES_TO_RESERVE) {
            hints[FREES] = 0;
            reserve(index, trees.existing(index));
        }
    }

    /** Ends the reservation. */
    void giveUp() {
        int index = hints[TREE];
        FreeTree tree = index == NO_TREE ? null : trees.get(index);
        if (tree != null && tree.owner() == id) {
            tree.setOwner(0);
        }
        hints[TREE] = NO_TREE;
    }
}
