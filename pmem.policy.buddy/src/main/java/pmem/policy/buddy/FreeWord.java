package pmem.policy.buddy;

/**
 * A 64-bit word as a buddy space of 64 places: bit 1 is free. A block of order {@code k} is {@code 2^k} neighbouring bits that
 * start at a multiple of {@code 2^k}. The places are units, or in the words above what a whole word below stands for.
 */
final class FreeWord {
    /** Order of the whole word. */
    static final int ORDER_MAX = 6;
    /** No block. */
    static final int NONE = -1;
    /** Every place is free. */
    static final long FULL = -1L;

    /** Per order, the places where a block of the next order starts. */
    private static final long[] PAIRS = {
        0x5555_5555_5555_5555L,
        0x1111_1111_1111_1111L,
        0x0101_0101_0101_0101L,
        0x0001_0001_0001_0001L,
        0x0000_0001_0000_0001L,
        1L
    };

    private FreeWord() {}

    /** Where blocks of the order above start, given where blocks of an order below {@link #ORDER_MAX} start. */
    private static long pairs(long starts, int order) {
        return starts & (starts >>> (1 << order)) & PAIRS[order];
    }

    /** Order of the largest free block, or {@link #NONE}. */
    static int largestOrder(long word) {
        if (word == FULL) {
            return ORDER_MAX;
        }
        int order = NONE;
        long starts = word;
        while (starts != 0) {
            order++;
            starts = pairs(starts, order);
        }
        return order;
    }

    /**
     * The place where a free block of at least an order starts: of the smallest such blocks, which are no half of a larger one,
     * the lowest. {@link #NONE} if there is none.
     *
     * @param wantedOrder 0 to {@link #ORDER_MAX}
     */
    static int find(long word, int wantedOrder) {
        if (word == FULL) {
            return 0;
        }
        long starts = word;
        int order = 0;
        while (order < wantedOrder) {
            starts = pairs(starts, order);
            order++;
        }
        while (starts != 0) {
            long above = pairs(starts, order);
            long unpaired = starts & ~(above | above << (1 << order));
            if (unpaired != 0) {
                return Long.numberOfTrailingZeros(unpaired);
            }
            starts = above;
            order++;
        }
        return NONE;
    }

    /**
     * Takes several blocks of an order, or the first bits of each, out of a word.
     *
     * @param places where to put their places
     * @param most 1 or more
     * @return what is left of the word
     */
    static long split(long word, int order, int length, long[] places, int most) {
        long left = word;
        int place = find(left, order);
        for (int count = 0; count < most && place != NONE; count++) {
            places[count] = place;
            left &= ~mask(place, length);
            place = find(left, order);
        }
        return left;
    }

    /** Makes units of places, in reverse; returns how many. */
    static int toUnits(long[] places, int count, long firstUnit, int shift) {
        for (int low = 0, high = count - 1; low <= high; low++, high--) {
            long place = places[low];
            places[low] = firstUnit + (places[high] << shift);
            places[high] = firstUnit + (place << shift);
        }
        return count;
    }

    /** Bits from a place on, 1 to 64 of them. */
    static long mask(int from, int count) {
        return FULL >>> (Long.SIZE - count) << from;
    }
}
