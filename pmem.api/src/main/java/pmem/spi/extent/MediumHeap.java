package pmem.spi.extent;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.TagFloat;

/**
 * Medium segments and their free runs, in DRAM, under one lock. The free runs are in doubly linked lists, one for each tag: a run
 * is in the list of the longest block that it holds, so any run of a list fits every block of the list's tag or a lower one. A run
 * is named by the slot of its segment and its first unit; a list so needs no objects.
 *
 * <p>The blocks freed last <em>wait</em> before they are merged with the free runs on both sides: the next request for one of their length gets
 * the newest. They count as free, and whoever looks for anything else than such a length has all of them merged first; so waiting shows in
 * nothing but the time it saves, which is most of what the lists take.
 */
final class MediumHeap {
    private static final int NO_RUN = -1;
    private static final int SEGMENTS_AT_START = 4;

    private final Region region;
    private final ReentrantLock lock = new ReentrantLock();
    private final int node;
    private final int unitBits;
    private final int emptyKept;
    private final int[] firstOfTag = new int[TagFloat.TAG_MAX + 1];
    // One more, so that a search may go on after the last tag.
    private final UnitBits tagsWithRuns = new UnitBits(TagFloat.TAG_MAX + 2);
    private @Nullable MediumSegment[] segments = new MediumSegment[SEGMENTS_AT_START];
    /** The slots of segments without blocks. */
    private final BitSet emptySlots = new BitSet();

    /** Freed blocks that are not merged yet, claimed and marked in their segments. */
    private final WaitingRuns waiting;

    private int emptyCount;
    /** All slots before it are taken. */
    private int slotHint;

    // Changed under the lock, read by anyone.
    private final AtomicLong blocks = new AtomicLong();
    private final AtomicLong units = new AtomicLong();

    /**
     * A heap without segments.
     *
     * @param node the NUMA node of its segments, as its place among those of the region
     * @param unitsMax most units of a segment
     * @param emptyKept how many empty segments it keeps
     */
    MediumHeap(Region region, int node, int unitsMax, int emptyKept) {
        this.region = region;
        this.node = node;
        this.emptyKept = emptyKept;
        unitBits = Integer.SIZE - Integer.numberOfLeadingZeros(unitsMax);
        waiting = new WaitingRuns(unitBits);
        Arrays.fill(firstOfTag, NO_RUN);
    }

    int node() {
        return node;
    }

    void lock() {
        region.step("extent.lock-medium");
        lock.lock();
    }

    boolean tryLock() {
        region.step("extent.try-medium");
        return lock.tryLock();
    }

    void unlock() {
        lock.unlock();
    }

    /**
     * Claims a block, {@link Handles#NONE} if no free run holds one. With the lock.
     *
     * @param alignUnits the block's first unit is a multiple of this power of two
     */
    long claim(int tag, int alignUnits) {
        long handle = claimWaiting(tag, alignUnits);
        if (handle == Handles.NONE) {
            mergeWaiting();
            handle = claimListed(tag, alignUnits);
        }
        return handle;
    }

    private long claimWaiting(int tag, int alignUnits) {
        int run = waiting.takeNewest(tag, alignUnits);
        if (run == WaitingRuns.NONE) {
            return Handles.NONE;
        }
        MediumSegment segment = segmentOf(run);
        segment.setWaiting(startOf(run), false);
        count(segment, 1, MediumLayout.unitsOf(tag));
        return segment.handleOf(startOf(run));
    }

    private void mergeWaiting() {
        while (!waiting.isEmpty()) {
            mergeOldest();
        }
    }

    private void mergeOldest() {
        long oldest = waiting.takeOldest();
        MediumSegment segment = segmentOf((int) oldest);
        int unit = startOf((int) oldest);
        segment.setWaiting(unit, false);
        merge(segment, unit, MediumLayout.unitsOf(WaitingRuns.tagOf(oldest)));
    }

    /** Merges all freed blocks with the free runs beside them. */
    void settle() {
        lock();
        try {
            mergeWaiting();
        } finally {
            unlock();
        }
    }

    private long claimListed(int tag, int alignUnits) {
        int length = (int) TagFloat.lengthUnits(tag);
        for (int i = tagsWithRuns.nextSet(tag); i != UnitBits.NONE; i = tagsWithRuns.nextSet(i + 1)) {
            for (int run = firstOfTag[i]; run != NO_RUN; run = segmentOf(run).next(startOf(run))) {
                MediumSegment segment = segmentOf(run);
                int start = startOf(run);
                int unit = (start + alignUnits - 1) & -alignUnits;
                int end = segment.endOfFree(start);
                if (unit + length <= end) {
                    take(segment, start, end, unit, length);
                    count(segment, 1, length);
                    return segment.handleOf(unit);
                }
            }
        }
        return Handles.NONE;
    }

    /**
     * Claims units for the block that ends before them. With the lock.
     *
     * @return whether all of them were free; if not, nothing has changed
     */
    boolean claimAt(MediumSegment segment, int unit, int length) {
        mergeWaiting();
        int end = segment.endOfFree(unit);
        if (end - unit < length) {
            return false;
        }
        take(segment, unit, end, unit, length);
        count(segment, 0, length);
        return true;
    }

    private void take(MediumSegment segment, int start, int end, int unit, int length) {
        unlink(segment, start, end);
        segment.setClaimed(unit, length, true);
        link(segment, start, unit);
        link(segment, unit + length, end);
    }

    /**
     * Gives a block back, which then waits if it is no shorter than those that are asked for. With the lock.
     *
     * @return whether it was claimed, and in no cache; if not, nothing has changed
     */
    boolean unclaim(MediumSegment segment, int unit, int tag) {
        int length = MediumLayout.unitsOf(tag);
        if (!isClaimed(segment, unit, length) || segment.isWaiting(unit)) {
            return false;
        }
        if (segment.mayWait(length)) {
            addWaiting(segment, unit, tag);
        } else {
            merge(segment, unit, length);
        }
        count(segment, -1, -length);
        return true;
    }

    private void addWaiting(MediumSegment segment, int unit, int tag) {
        if (waiting.isFull()) {
            mergeOldest();
        }
        segment.setWaiting(unit, true);
        waiting.add(runOf(segment, unit), tag);
    }

    private static boolean isClaimed(MediumSegment segment, int unit, int length) {
        return !segment.isDropped() && segment.isClaimed(unit, length);
    }

    /** As {@link #unclaim}, for the last units of a block that stays; they do not wait. */
    boolean unclaimTail(MediumSegment segment, int unit, int length) {
        if (!isClaimed(segment, unit, length)) {
            return false;
        }
        merge(segment, unit, length);
        count(segment, 0, -length);
        return true;
    }

    private void merge(MediumSegment segment, int unit, int length) {
        int end = unit + length;
        int startOfRun = segment.startOfFree(unit);
        int endOfRun = segment.endOfFree(end);
        unlink(segment, startOfRun, unit);
        unlink(segment, end, endOfRun);
        segment.setClaimed(unit, length, false);
        link(segment, startOfRun, endOfRun);
    }

    /** Takes a segment in, with the blocks that are claimed in it. With the lock, or before the heap is shared. */
    void add(MediumSegment segment, int claimedBlocks) {
        while (slotHint < segments.length && segments[slotHint] != null) {
            slotHint++;
        }
        if (slotHint == segments.length) {
            segments = Arrays.copyOf(segments, 2 * slotHint);
        }
        segments[slotHint] = segment;
        segment.setSlot(slotHint);
        for (int unit = segment.firstUnit(); unit < segment.unitCount(); ) {
            int end = segment.endOfFree(unit);
            link(segment, unit, end);
            unit = end + 1;
        }
        noteEmpty(segment, true);
        count(segment, claimedBlocks, segment.claimedUnits());
    }

    /** Whether there is room for another segment in the heap's lists. With the lock. */
    boolean hasSlot() {
        return segments.length <= Integer.MAX_VALUE >>> unitBits;
    }

    private void noteEmpty(MediumSegment segment, boolean isEmpty) {
        if (emptySlots.get(segment.slot()) != isEmpty) {
            emptySlots.set(segment.slot(), isEmpty);
            emptyCount += isEmpty ? 1 : -1;
        }
    }

    /** Whether more segments are empty than are kept. With the lock. */
    boolean hasSurplus() {
        return emptyCount > emptyKept;
    }

    /** Takes empty segments out, all but those that are kept, for the caller to drop them. With the lock. */
    void takeSurplus(Collection<MediumSegment> taken) {
        mergeWaiting();
        while (hasSurplus()) {
            takeHighestEmpty(taken);
        }
    }

    /** Takes all empty segments out, for the caller to drop them. With the lock. */
    void takeEmpty(Collection<MediumSegment> taken) {
        mergeWaiting();
        while (emptyCount > 0) {
            takeHighestEmpty(taken);
        }
    }

    // The lowest stay: what was allocated and freed leaves no trace.
    private void takeHighestEmpty(Collection<MediumSegment> taken) {
        MediumSegment highest = segmentAt(emptySlots.nextSetBit(0));
        for (int slot = emptySlots.nextSetBit(0); slot >= 0; slot = emptySlots.nextSetBit(slot + 1)) {
            MediumSegment segment = segmentAt(slot);
            highest = segment.firstPage() > highest.firstPage() ? segment : highest;
        }
        remove(highest);
        taken.add(highest);
    }

    private void remove(MediumSegment segment) {
        unlink(segment, segment.firstUnit(), segment.unitCount());
        noteEmpty(segment, false);
        segments[segment.slot()] = null;
        slotHint = Math.min(slotHint, segment.slot());
        segment.drop();
    }

    /** The largest tag a block can have now without a further segment, {@link TagFloat#NONE} if all is full. */
    int largestTag() {
        lock();
        try {
            mergeWaiting();
            return Math.max(0, tagsWithRuns.previousSet(TagFloat.TAG_MAX));
        } finally {
            unlock();
        }
    }

    /** Number of units in the lists. */
    long listedUnits() {
        lock();
        try {
            mergeWaiting();
            long sum = 0;
            for (int run : firstOfTag) {
                for (int at = run; at != NO_RUN; at = segmentOf(at).next(startOf(at))) {
                    sum += segmentOf(at).endOfFree(startOf(at)) - startOf(at);
                }
            }
            return sum;
        } finally {
            unlock();
        }
    }

    long blocks() {
        return blocks.get();
    }

    long units() {
        return units.get();
    }

    private void link(MediumSegment segment, int start, int end) {
        if (start == end) {
            return;
        }
        int tag = TagFloat.tagWithin(end - start);
        int run = runOf(segment, start);
        int after = firstOfTag[tag];
        segment.setLinks(start, after, NO_RUN);
        if (after != NO_RUN) {
            segmentOf(after).setPrevious(startOf(after), run);
        }
        firstOfTag[tag] = run;
        tagsWithRuns.set(tag, tag + 1, true);
    }

    private void unlink(MediumSegment segment, int start, int end) {
        if (start == end) {
            return;
        }
        int after = segment.next(start);
        int before = segment.previous(start);
        if (after != NO_RUN) {
            segmentOf(after).setPrevious(startOf(after), before);
        }
        if (before != NO_RUN) {
            segmentOf(before).setNext(startOf(before), after);
            return;
        }
        int tag = TagFloat.tagWithin(end - start);
        firstOfTag[tag] = after;
        tagsWithRuns.set(tag, tag + 1, after != NO_RUN);
    }

    private int runOf(MediumSegment segment, int start) {
        return (segment.slot() << unitBits) | start;
    }

    private MediumSegment segmentOf(int run) {
        return segmentAt(run >>> unitBits);
    }

    private MediumSegment segmentAt(int slot) {
        MediumSegment segment = segments[slot];
        if (segment == null) {
            throw new IllegalStateException("no medium segment: slot=" + slot);
        }
        return segment;
    }

    private int startOf(int run) {
        return run & ((1 << unitBits) - 1);
    }

    /** Counts what is no longer free, or free from now on; a segment is empty though its last blocks wait. */
    private void count(MediumSegment segment, int addedBlocks, int addedUnits) {
        boolean wasEmpty = segment.usedUnits() == 0;
        segment.addUsed(addedUnits);
        boolean isEmpty = segment.usedUnits() == 0;
        if (wasEmpty != isEmpty) {
            noteEmpty(segment, isEmpty);
        }
        blocks.setRelease(blocks.getPlain() + addedBlocks);
        units.setRelease(units.getPlain() + addedUnits);
    }
}
