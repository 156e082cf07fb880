package pmem.policy.buddy;

/**
 * Summaries of 64 places, one word an order, side by side in an array: bit {@code p} of summary {@code k} says that place {@code p}
 * has a free block of order {@code k}; in the last one, that all of it is free. A bit implies those of the smaller orders.
 */
final class Summaries {
    private Summaries() {}

    /** Sets all summaries to one word. */
    static void fill(long[] longs, int first, int orderMax, long places) {
        for (int i = first; i <= first + orderMax; i++) {
            longs[i] = places;
        }
    }

    /** Places become all taken. */
    static void clear(long[] longs, int first, int orderMax, long places) {
        for (int i = first; i <= first + orderMax; i++) {
            longs[i] &= ~places;
        }
    }

    /** Places become all free. */
    static void set(long[] longs, int first, int orderMax, long places) {
        for (int i = first; i <= first + orderMax; i++) {
            longs[i] |= places;
        }
    }

    /**
     * Something of a place was taken: removes it from the orders above its largest.
     *
     * @return whether the largest order of all places together may have changed
     */
    static boolean lower(long[] longs, int first, int orderMax, long place, int largestOrder) {
        boolean changed = false;
        for (int i = first + largestOrder + 1; i <= first + orderMax && (longs[i] & place) != 0; i++) {
            long left = longs[i] & ~place;
            longs[i] = left;
            changed |= left == 0 || i == first + orderMax;
        }
        return changed;
    }

    /** Something of a place was given: adds it to the orders up to its largest. Returns as {@link #lower}. */
    static boolean raise(long[] longs, int first, int orderMax, long place, int largestOrder) {
        boolean changed = false;
        for (int i = first + largestOrder; i >= first && (longs[i] & place) == 0; i--) {
            long before = longs[i];
            longs[i] = before | place;
            changed |= before == 0 || i == first + orderMax;
        }
        return changed;
    }

    /** Order of the largest block that is free, runs of free places included. */
    static int largestOrder(long[] longs, int first, int orderMax) {
        long full = longs[first + orderMax];
        if (full != 0) {
            return orderMax + FreeWord.largestOrder(full);
        }
        int order = orderMax - 1;
        while (order >= 0 && longs[first + order] == 0) {
            order--;
        }
        return order;
    }

    /** Whether a place is in the summaries up to its largest order and no further. */
    static boolean hold(long[] longs, int first, int orderMax, int place, int largestOrder) {
        for (int order = 0; order <= orderMax; order++) {
            if ((longs[first + order] >>> place & 1) != (order <= largestOrder ? 1 : 0)) {
                return false;
            }
        }
        return true;
    }
}
