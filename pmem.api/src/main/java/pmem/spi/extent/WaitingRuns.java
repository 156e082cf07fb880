package pmem.spi.extent;

/**
 * The last few freed blocks of a {@link MediumHeap}, by their tags and runs, the oldest first. Guarded by who has them.
 */
final class WaitingRuns {
    /** Most runs that wait. */
    static final int COUNT_MAX = 8;
    /** There is no such run. */
    static final int NONE = -1;

    /** Tag above run. */
    private final long[] runs = new long[COUNT_MAX];

    private final int unitMask;
    private int count;

    /**
     * Starts without runs.
     *
     * @param unitBits number of low bits of a run that say where in its segment it starts
     */
    WaitingRuns(int unitBits) {
        unitMask = (1 << unitBits) - 1;
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean isFull() {
        return count == COUNT_MAX;
    }

    /** Adds one, while there are fewer than can be. */
    void add(int run, int tag) {
        runs[count++] = (long) tag << Integer.SIZE | run;
    }

    /** Takes the newest of a tag whose first unit is a multiple of a power of two out; {@link #NONE} if there is none. */
    int takeNewest(int tag, int alignUnits) {
        for (int i = count - 1; i >= 0; i--) {
            int run = (int) runs[i];
            if (tagOf(runs[i]) == tag && (run & unitMask & (alignUnits - 1)) == 0) {
                remove(i);
                return run;
            }
        }
        return NONE;
    }

    /** Takes the oldest out, if there is one: tag above run. */
    long takeOldest() {
        long oldest = runs[0];
        remove(0);
        return oldest;
    }

    static int tagOf(long taggedRun) {
        return (int) (taggedRun >>> Integer.SIZE);
    }

    private void remove(int place) {
        count--;
        for (int i = place; i < count; i++) {
            runs[i] = runs[i + 1];
        }
    }
}
