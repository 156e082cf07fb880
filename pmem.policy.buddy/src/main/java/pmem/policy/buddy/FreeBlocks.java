package pmem.policy.buddy;

import java.util.function.LongConsumer;

/**
 * The free part of a buddy space, in DRAM only: a set of free blocks per order. Not thread-safe, no garbage.
 *
 * <p>A block of order {@code k} is {@code 2^k} units that start at a multiple of {@code 2^k}; its buddy is the other
 * half of the block of order {@code k + 1} it lies in. Two rules hold between calls:
 *
 * <ul>
 *   <li>each free unit is in exactly one free block, and no other unit is in any;
 *   <li>no two free blocks are buddies: they would be one block of the next order.
 * </ul>
 *
 * <p>Both together make the free blocks a function of the free units, whatever order of calls led there: a space from
 * which everything was given back is the same as a fresh one. The first and the last unit may lie anywhere; blocks
 * that stick out of the space are never free.
 */
final class FreeBlocks {
    /** No block. */
    static final long NONE = -1;

    private final FreeBitmap[] blocks;
    /** Per order, the number of the block that bit 0 of the set stands for. */
    private final long[] firstBlocks;
    /** Bit {@code k} says that a block of order {@code k} is free. */
    private long ordersWithBlocks;

    private long freeUnits;

    /**
     * A space without a free block.
     *
     * @param firstUnit number of the first unit, at least 1
     * @param endUnit number of the unit after the last, larger
     */
    FreeBlocks(long firstUnit, long endUnit) {
        int orderCount = orderMax(firstUnit, endUnit) + 1;
        blocks = new FreeBitmap[orderCount];
        firstBlocks = new long[orderCount];
        for (int order = 0; order < orderCount; order++) {
            firstBlocks[order] = firstUnit >>> order;
            blocks[order] = new FreeBitmap(((endUnit - 1) >>> order) - firstBlocks[order] + 1);
        }
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

    /** Order of the largest block the space can hold. */
    int orderMax() {
        return blocks.length - 1;
    }

    /** Order of the largest free block, or -1. */
    int largestOrder() {
        return Long.SIZE - 1 - Long.numberOfLeadingZeros(ordersWithBlocks);
    }

    /** Number of free units. */
    long freeUnits() {
        return freeUnits;
    }

    /**
     * Takes the first units of a block of an order; the rest of it stays free. Of all blocks, one of the smallest
     * sufficient order is split, the one at the lowest address.
     *
     * @param order 0 to {@link #orderMax()}
     * @param lengthUnits 1 to {@code 2^order}
     * @return number of the first unit, a multiple of {@code 2^order}, or {@link #NONE}
     */
    long take(int order, long lengthUnits) {
        assert lengthUnits >= 1 && lengthUnits <= 1L << order : "order=" + order + " lengthUnits=" + lengthUnits;
        long sufficient = ordersWithBlocks & (-1L << order);
        if (sufficient == 0) {
            return NONE;
        }
        int splitOrder = Long.numberOfTrailingZeros(sufficient);
        long start = (blocks[splitOrder].first() + firstBlocks[splitOrder]) << splitOrder;
        removeBlock(splitOrder, start);
        freeUnits -= lengthUnits;
        addAligned(start + lengthUnits, start + (1L << splitOrder));
        return start;
    }

    /**
     * Gives units back, joining them with free buddies.
     *
     * @param start first unit of a block that was taken
     * @param lengthUnits its length
     */
    void give(long start, long lengthUnits) {
        freeUnits += lengthUnits;
        long end = start + lengthUnits;
        long unit = start;
        while (unit < end) {
            int order = largestOrderAt(unit, end);
            join(order, unit);
            unit += 1L << order;
        }
    }

    /**
     * Adds a run of units that touches no free unit, so there is nothing to join.
     *
     * @param start its first unit
     * @param end the unit after it; the run may be empty
     */
    void addRun(long start, long end) {
        freeUnits += end - start;
        addAligned(start, end);
    }

    // The largest aligned blocks from left to right: no two of them are buddies. After a split neither is one of them
    // and a block outside: the parent of each holds a unit that was just taken.
    private void addAligned(long start, long end) {
        long unit = start;
        while (unit < end) {
            int order = largestOrderAt(unit, end);
            addBlock(order, unit);
            unit += 1L << order;
        }
    }

    private int largestOrderAt(long unit, long end) {
        int fits = Long.SIZE - 1 - Long.numberOfLeadingZeros(end - unit);
        return Math.min(Math.min(fits, Long.numberOfTrailingZeros(unit)), orderMax());
    }

    // A block is named by any of its units: what lies below the order is shifted out, so the first one needs no
    // computing.
    private void join(int pieceOrder, long unit) {
        int order = pieceOrder;
        while (order < orderMax() && isFree(order, unit ^ (1L << order))) {
            removeBlock(order, unit ^ (1L << order));
            order++;
        }
        addBlock(order, unit);
    }

    /** Whether exactly the block of an order that a unit lies in is free: not a part of a larger one, not in parts. */
    boolean isFree(int order, long unit) {
        return blocks[order].contains((unit >>> order) - firstBlocks[order]);
    }

    private void addBlock(int order, long unit) {
        blocks[order].add((unit >>> order) - firstBlocks[order]);
        ordersWithBlocks |= 1L << order;
    }

    private void removeBlock(int order, long unit) {
        blocks[order].remove((unit >>> order) - firstBlocks[order]);
        if (blocks[order].isEmpty()) {
            ordersWithBlocks &= ~(1L << order);
        }
    }

    /** Visits the first unit of every free block of an order, ascending. */
    void forEachBlock(int order, LongConsumer firstUnits) {
        for (long bit = blocks[order].first(); bit != FreeBitmap.NONE; bit = blocks[order].next(bit + 1)) {
            firstUnits.accept((bit + firstBlocks[order]) << order);
        }
    }

    /** Whether the summaries of an order say what its set holds; looks at all of it. */
    boolean summariesHold(int order) {
        boolean said = (ordersWithBlocks & (1L << order)) != 0;
        return said != blocks[order].isEmpty() && blocks[order].summariesHold();
    }
}
