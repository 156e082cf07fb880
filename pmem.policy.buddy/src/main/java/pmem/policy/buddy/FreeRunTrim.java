package pmem.policy.buddy;

import pmem.spi.Policy;
import pmem.spi.Region;

/** One pass over the free runs of the space that offers them to somebody who gives their storage back. For one thread. */
final class FreeRunTrim {
    /** So much is out of the free space at once. */
    private static final long TAKEN_BYTES_MAX = 64L << 20;

    private final Region region;
    private final HeadTagLayout layout;
    private final FreeTrees trees;
    private final long leastUnits;
    private final long mostUnits;
    private final Policy.FreeRun receiver;
    private long start;
    private long end;
    private long released;

    FreeRunTrim(Region region, HeadTagLayout layout, FreeTrees trees, long leastBytes, Policy.FreeRun receiver) {
        this.region = region;
        this.layout = layout;
        this.trees = trees;
        this.receiver = receiver;
        leastUnits = layout.unitsFor(leastBytes);
        mostUnits = Math.max(leastUnits, layout.unitsFor(TAKEN_BYTES_MAX));
    }

    /** Returns the sum of what the receiver gave back. */
    long run() {
        for (int index = 0; index < trees.treeCount(); index++) {
            if (trees.get(index) == null && region.isTransient()) {
                continue; // Never touched, so there is nothing to give back.
            }
            for (long[] run : trees.freeRunsOf(index, leastUnits)) {
                add(run[0], run[1]);
            }
        }
        offer();
        return released;
    }

    // A run that goes on in the next tree is one run, up to the most that is taken at once.
    private void add(long runStart, long runEnd) {
        if (runStart != end || runEnd - start > mostUnits) {
            offer();
            start = runStart;
        }
        end = runEnd;
    }

    private void offer() {
        long units = end - start;
        if (units < leastUnits) {
            return;
        }
        long offset = layout.handle(start);
        long bytes = layout.bytes(units);
        boolean mayHaveSome = region.isTransient() || region.usedRanges(offset, offset + bytes).length > 0;
        region.step("buddy.trim");
        if (!mayHaveSome || !trees.takeExactly(start, units, 0)) {
            return;
        }
        try {
            released += receiver.release(offset, bytes);
        } finally {
            trees.give(start, units, 0);
        }
    }
}
