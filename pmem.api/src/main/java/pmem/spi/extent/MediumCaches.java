package pmem.spi.extent;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The caches of medium blocks that are open. Thread-safe. */
final class MediumCaches {
    private final List<MediumCache> caches = new CopyOnWriteArrayList<>();
    private final AtomicInteger shortages = new AtomicInteger();
    private volatile boolean surplusLeft;

    void add(MediumCache cache) {
        caches.add(cache);
    }

    void remove(MediumCache cache) {
        caches.remove(cache);
    }

    /** A thread is short of room: nothing goes into a cache that is emptied after this, until as many {@linkplain #endShortage ends}. */
    void beginShortage() {
        shortages.incrementAndGet();
    }

    /** Says whether that was the last one, and empty segments were {@linkplain #leaveSurplus left} meanwhile. */
    boolean endShortage() {
        boolean drops = shortages.decrementAndGet() == 0 && surplusLeft;
        if (drops) {
            surplusLeft = false;
        }
        return drops;
    }

    /** Segments beyond those that are kept stay until the shortage ends. */
    void leaveSurplus() {
        surplusLeft = true;
    }

    boolean isShortage() {
        return shortages.get() > 0;
    }

    /** Gives everything back to the heaps; says whether one of them has more empty segments now than it keeps. */
    boolean giveBack() {
        boolean hasSurplus = false;
        for (MediumCache cache : caches) {
            hasSurplus |= cache.giveBack(MediumCache.RUNS_MAX);
        }
        return hasSurplus;
    }

    /** Gives back what idle caches hold, in growing steps. */
    void look() {
        for (MediumCache cache : caches) {
            cache.look();
        }
    }

    /** Number of runs in all of them. */
    long runs() {
        long sum = 0;
        for (MediumCache cache : caches) {
            sum += cache.heldRuns();
        }
        return sum;
    }

    /** Their units. */
    long units() {
        long sum = 0;
        for (MediumCache cache : caches) {
            sum += cache.heldUnits();
        }
        return sum;
    }

    /** Visits all runs, while nobody uses a cache. */
    void forEachRun(MediumCache.RunVisitor visitor) {
        caches.forEach(cache -> cache.forEachRun(visitor));
    }
}
