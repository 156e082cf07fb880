package pmem.policy.buddy;

import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** Runs of units that are out of service: neither free nor in a block. In DRAM only: an open begins without any. Thread-safe. */
final class WithdrawnUnits {
    private final FreeTrees trees;
    /** End of each run by its start. */
    private final ConcurrentSkipListMap<Long, Long> runs = new ConcurrentSkipListMap<>();

    private final AtomicLong units = new AtomicLong();

    WithdrawnUnits(FreeTrees trees) {
        this.trees = trees;
    }

    /** Takes a run out of service if all of it is free; says whether it was. */
    boolean add(long start, long end) {
        if (!trees.takeExactly(start, end - start, 0)) {
            return false;
        }
        // Nobody else has these units, so nobody enters the same run.
        units.addAndGet(end - start);
        runs.put(start, end);
        return true;
    }

    /** Makes a run free again that was taken out of service by one call; says whether it was one. */
    boolean remove(long start, long end) {
        if (!runs.remove(start, end)) {
            return false;
        }
        units.addAndGet(start - end);
        trees.give(start, end - start, 0);
        return true;
    }

    /** Number of units out of service. */
    long units() {
        return units.get();
    }
}
