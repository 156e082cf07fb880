package pmem.policy.buddy;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import pmem.api.BlockVisitor;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.PolicySpace;
import pmem.spi.Region;
import pmem.spi.StateField;
import pmem.spi.TagFloat;

/**
 * Blocks from a binary buddy system. Thread-safe.
 *
 * <p><b>Sizes.</b> A request is rounded up to whole units and then to the next length that has a tag
 * ({@link TagFloat}), or with {@code keepTail} to a power of two. It gets the front of a block of the smallest order
 * that holds it and is aligned as asked; the rest of that block is free again at once. Sizes up to the largest free
 * block are served, on a fresh space more than a quarter of the units: any run of {@code n} units holds an aligned
 * power of two larger than {@code n / 4}.
 *
 * <p><b>Media.</b> Reads tags, never writes one: the pool does, and nothing has to be durable before it.
 *
 * <p><b>Threads.</b> Space is cut into {@link FreeTrees trees}, each with a lock of its own that is held for some dozens of
 * instructions and never while the region is accessed, so a thread that waits for media makes no other wait. A {@link Stripe} leads
 * each thread to a tree that others avoid, and a {@link Stash} keeps some blocks between. An access has its own, calls on the policy
 * itself share some by the number of their thread. The common path of a call has one locked instruction, the try for the stash, in an
 * exclusive access none; the pool adds one when it clears the tag of a block that others may see. A call that finds no block in its stash, or
 * no room in it, takes the lock of one tree, for several blocks at once; one for more than a tree takes those of its trees in ascending order.
 * Before there is no room, what others keep is drained, unless their access is exclusive.
 */
final class BuddyPolicy extends Policy {
    private static final int STRIPES_MIN = 4;
    /** Most bytes that are kept for a thread. */
    private static final long STASH_BYTES_MAX = 4 << 20;
    /** Most of the space that is kept for a thread, as a shift. */
    private static final int STASH_SHARE_SHIFT = 8;

    private final Region region;
    /** The layout of the whole space, also of what is not there yet. */
    private final HeadTagLayout layout;
    /** As much of it as is there. */
    private volatile HeadTagLayout usableLayout;

    private final BuddyParameters parameters;
    private final FreeTrees trees;
    private final WithdrawnUnits withdrawn;
    /** Shared by threads that call the policy itself. */
    private final Stash[] shared;
    /** Those and one for each open access. */
    private final List<Stash> stashes = new CopyOnWriteArrayList<>();

    private final AtomicLong stripesMade = new AtomicLong();
    private final AtomicInteger searchers = new AtomicInteger();

    BuddyPolicy(PolicySpace space, HeadTagLayout layout, BuddyParameters parameters, FreeTrees trees) {
        region = space.region();
        this.layout = layout;
        usableLayout = layout.upTo(space.usableEndOffset());
        this.parameters = parameters;
        this.trees = trees;
        withdrawn = new WithdrawnUnits(trees);
        int processors = Runtime.getRuntime().availableProcessors();
        shared = new Stash[Math.max(STRIPES_MIN, 2 * Integer.highestOneBit(processors))];
        Arrays.setAll(shared, i -> openStash(false));
    }

    private Stash openStash(boolean exclusive) {
        Stripe stripe = new Stripe(trees, stripesMade.incrementAndGet());
        Stash stash = new Stash(stripe, exclusive, stashUnitsMax(), searchers);
        stashes.add(stash);
        return stash;
    }

    private long stashUnitsMax() {
        return Math.min(STASH_BYTES_MAX >>> parameters.unitShift(), usableLayout.unitCount() >>> STASH_SHARE_SHIFT);
    }

    private Stash stash() {
        return shared[(int) Thread.currentThread().threadId() & (shared.length - 1)];
    }

    @Override
    public long reserve(long bytes, long alignmentBytes) {
        return reserve(stash(), bytes, alignmentBytes);
    }

    /** As {@link #reserve(long, long)}, by a thread that uses this stash. */
    long reserve(Stash stash, long bytes, long alignmentBytes) {
        long units = layout.unitsFor(bytes);
        int orderOfLength = TagFloat.orderOf(units);
        // Rounding up to a length that has a tag never crosses a power of two, so the order needs no rounded length.
        int order = Math.max(orderOfLength, layout.orderOfAlignment(alignmentBytes));
        if (order > trees.orderMax()) {
            return Handles.NONE;
        }
        int tag = parameters.tagFor(units);
        long lengthUnits = TagFloat.lengthUnits(tag);
        region.step("buddy.take");
        long unit =
                order == orderOfLength ? stash.take(tag, order, lengthUnits) : stash.takeAligned(order, lengthUnits);
        if (unit == FreeTrees.NONE) {
            unit = takeWhatIsKept(stash, order, lengthUnits);
        }
        if (unit == FreeTrees.NONE) {
            return Handles.NONE;
        }
        if (!layout.ensureBacked(region, unit, lengthUnits)) {
            stash.give(unit, tag, lengthUnits);
            return Handles.NONE;
        }
        return layout.handle(unit);
    }

    // Another thread may drain at the same time, so what it gave back is looked for even if nothing was left to drain.
    // And nobody may fetch more than he needs meanwhile: the last free block must not lie in a stash when this thread
    // gives up.
    private long takeWhatIsKept(Stash own, int order, long lengthUnits) {
        searchers.incrementAndGet();
        try {
            region.step("buddy.drain");
            own.drain();
            drainShared();
            region.step("buddy.drained");
            return own.takeAligned(order, lengthUnits);
        } finally {
            searchers.decrementAndGet();
        }
    }

    private void drainShared() {
        for (Stash stash : stashes) {
            if (stash.isShared()) {
                stash.drain();
            }
        }
    }

    /**
     * Claims a block at a place in DRAM, as {@link #reserve} does anywhere.
     *
     * @param handle where it shall start: a unit of the space, aligned to the power of two at or above its length
     * @param bytes at least 1
     * @return whether it was free
     */
    boolean reserveAt(long handle, long bytes) {
        long units = layout.unitsFor(bytes);
        long room = 1L << TagFloat.orderOf(units);
        long unit = layout.unit(handle);
        boolean fits = layout.stateField(handle) != StateField.NONE
                && (unit & (room - 1)) == 0
                && room <= usableLayout.endUnit() - unit;
        if (!fits) {
            return false;
        }
        drainShared();
        long lengthUnits = TagFloat.lengthUnits(parameters.tagFor(units));
        if (!trees.takeExactly(unit, lengthUnits, 1)) {
            return false;
        }
        boolean backed = layout.ensureBacked(region, unit, lengthUnits);
        if (!backed) {
            trees.give(unit, lengthUnits, 1);
        }
        return backed;
    }

    /**
     * Takes a part of the region out of service if no block lies in it: no block will until it is restored or the pool is opened
     * again. Counts as used.
     *
     * @param startOffset its start; of units that lie in it only in part, none may be in a block either
     * @param endOffset its end; what is no unit does not matter
     * @return whether no block lay in it
     */
    boolean withdraw(long startOffset, long endOffset) {
        drainShared();
        return withdrawn.add(usableLayout.firstUnitFrom(startOffset), usableLayout.endUnitTo(endOffset));
    }

    /** Puts a part into service again that was withdrawn by one call; says whether it was. */
    boolean restore(long startOffset, long endOffset) {
        return withdrawn.remove(usableLayout.firstUnitFrom(startOffset), usableLayout.endUnitTo(endOffset));
    }

    @Override
    public void release(long handle, long allocatedValue) {
        release(stash(), handle, allocatedValue);
    }

    /** As {@link #release(long, long)}, by a thread that uses this stash. */
    void release(Stash stash, long handle, long allocatedValue) {
        region.step("buddy.give");
        stash.give(layout.unit(handle), (int) allocatedValue, TagFloat.lengthUnits((int) allocatedValue));
    }

    /** A head is aligned to the power of two at or above its length, so it may not be for a larger one. */
    @Override
    public long resizedValue(long handle, long allocatedValue, long bytes) {
        long units = layout.unitsFor(bytes);
        int order = TagFloat.orderOf(units);
        if (order > trees.orderMax()) {
            return TagFloat.NONE;
        }
        long unit = layout.unit(handle);
        long room = 1L << order;
        boolean fits = (unit & (room - 1)) == 0 && room <= usableLayout.endUnit() - unit;
        return fits ? parameters.tagFor(units) : TagFloat.NONE;
    }

    @Override
    public boolean reserveTail(long handle, long allocatedValue, long largerValue) {
        long lengthUnits = TagFloat.lengthUnits((int) allocatedValue);
        long tailUnits = TagFloat.lengthUnits((int) largerValue) - lengthUnits;
        long tail = layout.unit(handle) + lengthUnits;
        region.step("buddy.take-tail");
        if (!trees.takeExactly(tail, tailUnits, 0) && !takeKeptTail(tail, tailUnits)) {
            return false;
        }
        boolean backed = layout.ensureBacked(region, tail, tailUnits);
        if (!backed) {
            trees.give(tail, tailUnits, 0);
        }
        return backed;
    }

    // A block that was freed there may be kept for a thread. While one is allocated there, nothing is given up for it;
    // nor for
    // a tail that is shorter than what a thread may keep: to fetch all that again costs more than to move the block.
    private boolean takeKeptTail(long tail, long tailUnits) {
        if (tailUnits < stashUnitsMax()
                || region.loadByteAcquire(layout.tagOffset(layout.handle(tail))) != TagFloat.NONE) {
            return false;
        }
        drainShared();
        return trees.takeExactly(tail, tailUnits, 0);
    }

    @Override
    public void releaseTail(long handle, long largerValue, long smallerValue) {
        long lengthUnits = TagFloat.lengthUnits((int) smallerValue);
        region.step("buddy.give-tail");
        trees.give(layout.unit(handle) + lengthUnits, TagFloat.lengthUnits((int) largerValue) - lengthUnits, 0);
    }

    /** As {@link PolicyAccess#allocateAtOnce}. */
    long allocateAtOnce(Stash stash, long bytes, long alignmentBytes) {
        long handle = reserve(stash, bytes, alignmentBytes);
        if (handle == Handles.NONE) {
            return Handles.NONE;
        }
        int tag = parameters.tagFor(layout.unitsFor(bytes));
        long tagOffset = layout.tagOffset(handle);
        if (region.loadByteAcquire(tagOffset) != TagFloat.NONE) {
            // Damage; the two steps will report it.
            release(stash, handle, tag);
            return Handles.NONE;
        }
        region.storeByteRelease(tagOffset, tag);
        return handle;
    }

    /** As {@link PolicyAccess#freeAtOnce}. */
    boolean freeAtOnce(Stash stash, long handle) {
        long tagOffset = layout.tagOffset(handle);
        int tag = tagOffset == HeadTagLayout.NO_TAG ? TagFloat.NONE : region.loadByteAcquire(tagOffset);
        if (tag == TagFloat.NONE) {
            return false;
        }
        region.storeByteRelease(tagOffset, TagFloat.NONE);
        release(stash, handle, tag);
        return true;
    }

    @Override
    public PolicyAccess openAccess(boolean exclusive) {
        return new BuddyAccess(this, openStash(exclusive));
    }

    /** Gives up what an access kept. */
    void closeAccess(Stash stash) {
        // Others find what it keeps here until it is in the trees.
        stash.close();
        stashes.remove(stash);
    }

    @Override
    public long stateField(long handle) {
        return layout.stateField(handle);
    }

    @Override
    public long allocatedValue(long handle, long bytes, long alignmentBytes) {
        return parameters.tagFor(layout.unitsFor(bytes));
    }

    @Override
    public long usableBytes(long handle, long allocatedValue) {
        return layout.bytes(TagFloat.lengthUnits((int) allocatedValue));
    }

    @Override
    public void forEachAllocated(BlockVisitor visitor) {
        HeadTagLayout usable = usableLayout;
        long[] ranges = region.usedRanges(usable.mapOffset(), usable.mapEndOffset());
        HeadCursor head = new HeadCursor(region, usable, ranges);
        long from = layout.firstUnit();
        while (head.seek(from)) {
            visitor.visit(layout.handle(head.unit()), layout.bytes(head.lengthUnits()));
            from = head.unit() + head.lengthUnits();
        }
    }

    /** Time grows with the number of trees ever touched. */
    @Override
    public long usedBytes() {
        return usableLayout.metadataBytes() + layout.bytes(withdrawn.units()) + liveBytes();
    }

    @Override
    public long metadataBytes() {
        return usableLayout.metadataBytes();
    }

    @Override
    public long liveBlocks() {
        long kept = 0;
        for (Stash stash : stashes) {
            kept += stash.blocks();
        }
        return trees.liveBlocks() - kept;
    }

    @Override
    public long liveBytes() {
        long kept = 0;
        for (Stash stash : stashes) {
            kept += stash.units();
        }
        return layout.bytes(trees.takenUnits() - kept - withdrawn.units());
    }

    /** Gives back first what calls on the policy and accesses that are not exclusive keep. */
    @Override
    public long largestFreeBytes() {
        drainShared();
        int order = trees.largestOrder();
        return order == FreeTree.NONE ? 0 : layout.bytes(1L << order);
    }

    @Override
    public void verify(Consumer<Finding> findings) {
        // Nobody else uses the policy now, so exclusive ones can be drained too.
        stashes.forEach(Stash::drain);
        new BuddyVerify(region, usableLayout, parameters, trees, findings).run(withdrawn.units());
    }

    @Override
    public long trim(long leastBytes, FreeRun receiver) {
        drainShared();
        return new FreeRunTrim(region, layout, trees, leastBytes, receiver).run();
    }

    @Override
    public void grow(long usableEndOffset) {
        HeadTagLayout grown = layout.upTo(usableEndOffset);
        usableLayout = grown;
        region.step("buddy.grown");
        trees.grow(grown.endUnit());
    }

    @Override
    public long usedEndOffset() {
        drainShared();
        return layout.handle(trees.endOfTaken());
    }

    @Override
    public boolean shrink(long usableEndOffset) {
        drainShared();
        HeadTagLayout shrunk = layout.upTo(usableEndOffset);
        if (!trees.shrink(shrunk.endUnit())) {
            return false;
        }
        region.step("buddy.shrunk");
        usableLayout = shrunk;
        return true;
    }

    @Override
    public void close() {
        stashes.forEach(Stash::close);
    }

    /** Bytes that are in no block, not kept and not out of service. */
    long freeBytesInTrees() {
        return layout.bytes(usableLayout.unitCount() - trees.takenUnits());
    }
}
