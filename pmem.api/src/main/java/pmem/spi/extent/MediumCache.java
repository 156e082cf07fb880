package pmem.spi.extent;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.StateField;
import pmem.spi.TagFloat;

/**
 * Medium blocks that one thread has released and gets again for requests of the same length, without the lock of a heap and without
 * a locked instruction. The newest of a length goes first; when there are too many, the oldest of all goes back to its heap.
 *
 * <p>A run of units that is here is free on media, and counts as free. Its heap has it claimed, so that it is merged with no
 * neighbour, and its segment has it marked, so that nobody releases it again. Only runs of one NUMA node are here.
 *
 * <p>Used by one thread at a time. Others may {@linkplain MediumBlocks#giveCachedBack take everything} at any moment: an {@link
 * OwnerLock} is between them, also in volatile pools. Locks are taken in this order: a cache's, then a heap's. A run that
 * goes back is in its heap before the cache's lock is given up, so who has found all caches empty finds it there.
 */
public final class MediumCache {
    /** Most runs of a cache. */
    static final int RUNS_MAX = 16;
    /** Most bytes of a cache, counted in largest medium blocks. */
    static final int LARGEST_BLOCKS_MAX = 4;

    private static final int TAG_BITS = 8;

    private final Region region;
    private final MediumBlocks blocks;
    private final MediumCaches caches;
    private final MediumLayout layout;
    private final long mostBytes;
    private final int mostTag;
    private final int unitsMax;
    private final int node;
    private final OwnerLock lock;

    /** Handle and tag of each run, the oldest first. */
    private final long[] runs = new long[RUNS_MAX];

    private int count;
    private int units;

    /** Calls since the maintainer last looked, and how often it found none. */
    private int calls;

    private int idleTicks;

    /** {@link #count} above {@link #units}; changed under the lock, read by anyone. */
    private final AtomicLong held = new AtomicLong();

    /** The segment of the last block, for the one thread; it may have been dropped since. */
    private @Nullable MediumSegment lastSegment;

    /**
     * An empty cache.
     *
     * @param mostBytes largest block that is asked for here
     * @param node the NUMA node, as its place among those of the region
     */
    MediumCache(
            Region region, MediumBlocks blocks, MediumCaches caches, MediumLayout layout, long mostBytes, int node) {
        this.region = region;
        this.blocks = blocks;
        this.caches = caches;
        this.layout = layout;
        this.mostBytes = mostBytes;
        this.node = node;
        mostTag = tagFor(mostBytes);
        unitsMax = (int) (LARGEST_BLOCKS_MAX * layout.unitsFor(mostBytes));
        lock = OwnerLock.ofOneThread(region);
    }

    /** Claims a block of which only the state is left to be set; {@link Handles#NONE} if there is none of that length. */
    public long take(long bytes, long alignmentBytes) {
        return bytes > mostBytes ? Handles.NONE : take(tagFor(bytes), alignmentBytes);
    }

    /** As {@link pmem.spi.PolicyAccess#allocateAtOnce}. */
    public long allocateAtOnce(long bytes, long alignmentBytes) {
        if (bytes > mostBytes) {
            return Handles.NONE;
        }
        int tag = tagFor(bytes);
        long handle = take(tag, alignmentBytes);
        if (handle != Handles.NONE) {
            MediumSegment segment = segmentOfRun(handle);
            region.storeByteRelease(segment.tagsOffset() + segment.unitOf(handle), tag);
        }
        return handle;
    }

    private int tagFor(long bytes) {
        return TagFloat.tagFor(layout.unitsFor(bytes));
    }

    private long take(int tag, long alignmentBytes) {
        if (held.getPlain() == 0) {
            return Handles.NONE;
        }
        lock.enter();
        try {
            calls++;
            int place = newestOf(tag, alignmentBytes);
            if (place < 0) {
                return Handles.NONE;
            }
            long handle = handleOf(runs[place]);
            MediumSegment segment = segmentOfRun(handle);
            segment.setWaiting(segment.unitOf(handle), false);
            remove(place);
            return handle;
        } finally {
            lock.exit();
        }
    }

    private int newestOf(int tag, long alignmentBytes) {
        for (int i = count - 1; i >= 0; i--) {
            long run = runs[i];
            if (tagOf(run) == tag && (handleOf(run) & (alignmentBytes - 1)) == 0) {
                return i;
            }
        }
        return -1;
    }

    private void remove(int place) {
        int tag = tagOf(runs[place]);
        for (int i = place + 1; i < count; i++) {
            runs[i - 1] = runs[i];
        }
        note(-1, -MediumLayout.unitsOf(tag));
    }

    private static long handleOf(long run) {
        return run >>> TAG_BITS;
    }

    private static int tagOf(long run) {
        return (int) run & TagFloat.TAG_MAX;
    }

    private void note(int addedRuns, int addedUnits) {
        count += addedRuns;
        units += addedUnits;
        // pairs with: isEmpty
        held.setRelease((long) count << Integer.SIZE | units);
    }

    /**
     * Takes a block that is free on media, if it is a medium one of the cache's node.
     *
     * @param allocatedValue the value its state field had, or would have had
     * @return whether that was done; if not, nothing has changed
     */
    public boolean put(long handle, long allocatedValue) {
        MediumSegment segment = OtherBlocks.isLarge(allocatedValue) ? null : segmentOf(handle);
        return segment != null && put(segment, handle, segment.unitOf(handle), (int) allocatedValue);
    }

    /** As {@link pmem.spi.PolicyAccess#freeAtOnce(long)}. */
    public boolean freeAtOnce(long handle) {
        MediumSegment segment = segmentOf(handle);
        int unit = segment == null ? -1 : segment.unitOf(handle);
        if (segment == null || unit < 0) {
            return false;
        }
        // Of two threads that free the block one gets its tag: else it would be in two caches.
        int tag = (int) StateField.clear(region, segment.stateField(handle));
        if (tag == TagFloat.NONE) {
            return false;
        }
        if (!put(segment, handle, unit, tag)) {
            blocks.release(segment.firstPage(), handle, tag);
        }
        return true;
    }

    private boolean put(MediumSegment segment, long handle, int unit, int tag) {
        int length = MediumLayout.unitsOf(tag);
        // What is not claimed, or is in a cache already, is for the heap to refuse.
        if (unit < 0
                || tag > mostTag
                || segment.heap().node() != node
                || !segment.mayWait(length)
                || !segment.isClaimed(unit, length)
                || segment.isWaiting(unit)) {
            return false;
        }
        boolean hasSurplus = false;
        lock.enter();
        try {
            calls++;
            // Looked at under the lock: who is short of room has said so before he emptied this cache.
            if (caches.isShortage()) {
                return false;
            }
            while (count == RUNS_MAX || units + length > unitsMax) {
                hasSurplus |= giveOldestBack();
            }
            segment.setWaiting(unit, true);
            runs[count] = handle << TAG_BITS | tag;
            note(1, length);
        } finally {
            lock.exit();
        }
        if (hasSurplus) {
            blocks.trim();
        }
        return true;
    }

    /** Gives a run back to its heap; says whether that has more empty segments now than it keeps. */
    private boolean giveOldestBack() {
        try {
            return blocks.giveBack(handleOf(runs[0]), tagOf(runs[0]));
        } finally {
            // Last: who then finds the cache empty finds the run in its heap. Also one that the heap refuses.
            remove(0);
        }
    }

    /**
     * Gives runs back to their heaps, the oldest first; by any thread.
     *
     * @return whether a heap has more empty segments now than it keeps
     */
    boolean giveBack(int most) {
        // Who takes an empty one for empty pays for no fence of others. In a shortage a run may be on its way into it.
        if (isEmpty() && !caches.isShortage()) {
            return false;
        }
        boolean hasSurplus = false;
        lock.lock();
        try {
            for (int i = Math.min(most, count); i > 0; i--) {
                hasSurplus |= giveOldestBack();
            }
        } finally {
            lock.unlock();
        }
        return hasSurplus;
    }

    /**
     * Looks whether the cache was used since the last look, and if not gives runs back: one at the first such look, then 2, 4, 8
     * and so on.
     */
    void look() {
        if (isEmpty()) {
            return;
        }
        lock.lock();
        try {
            idleTicks = calls == 0 ? idleTicks + 1 : 0;
            calls = 0;
            if (idleTicks > 0) {
                giveBack(IdleSteps.due(idleTicks, RUNS_MAX));
            }
        } finally {
            lock.unlock();
        }
    }

    // pairs with: note
    private boolean isEmpty() {
        return held.getAcquire() == 0;
    }

    /** Number of runs. */
    int heldRuns() {
        return (int) (held.getAcquire() >>> Integer.SIZE);
    }

    /** Their units. */
    int heldUnits() {
        return (int) held.getAcquire();
    }

    /** Visits the runs by their handles and tags, while nobody uses the cache. */
    void forEachRun(RunVisitor visitor) {
        for (int i = 0; i < count; i++) {
            visitor.visit(handleOf(runs[i]), tagOf(runs[i]));
        }
    }

    /** Is told of a run. */
    interface RunVisitor {
        void visit(long handle, int tag);
    }

    /** Gives everything back for good. */
    public void close() {
        giveBack(RUNS_MAX);
        // Only now, so that a search finds the runs here or there.
        caches.remove(this);
        blocks.trim();
    }

    /** The segment that a handle lies in, if any; by the one thread. */
    private @Nullable MediumSegment segmentOf(long handle) {
        MediumSegment last = lastSegment;
        if (last != null && last.contains(handle) && !last.isDropped()) {
            return last;
        }
        MediumSegment segment = blocks.segmentOf(handle);
        if (segment != null) {
            lastSegment = segment;
        }
        return segment;
    }

    private MediumSegment segmentOfRun(long handle) {
        MediumSegment segment = segmentOf(handle);
        if (segment == null) {
            throw SlabExtent.notClaimed(handle);
        }
        return segment;
    }
}
