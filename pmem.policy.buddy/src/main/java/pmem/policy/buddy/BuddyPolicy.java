package pmem.policy.buddy;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import pmem.api.BlockVisitor;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.Region;

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
 * each thread to a tree that others avoid. An access has its own stripe, calls on the policy itself share some by the number
 * of their thread. The common path of a call is one locked instruction.
 */
final class BuddyPolicy extends Policy {
    private static final int STRIPES_MIN = 4;

    private final Region region;
    private final HeadTagLayout layout;
    private final BuddyParameters parameters;
    private final FreeTrees trees;
    private final Stripe[] stripes;
    private final AtomicLong stripesMade = new AtomicLong();

    BuddyPolicy(Region region, HeadTagLayout layout, BuddyParameters parameters, FreeTrees trees) {
        this.region = region;
        this.layout = layout;
        this.parameters = parameters;
        this.trees = trees;
        int processors = Runtime.getRuntime().availableProcessors();
        stripes = new Stripe[Math.max(STRIPES_MIN, 2 * Integer.highestOneBit(processors))];
        Arrays.setAll(stripes, i -> newStripe());
    }

    private Stripe newStripe() {
        return new Stripe(trees, stripesMade.incrementAndGet());
    }

    private Stripe stripe() {
        return stripes[(int) Thread.currentThread().threadId() & (stripes.length - 1)];
    }

    @Override
    public long reserve(long bytes, long alignmentBytes) {
        return reserve(stripe(), bytes, alignmentBytes);
    }

    /** As {@link #reserve(long, long)}, from the stripe's tree if it has room. */
    long reserve(Stripe stripe, long bytes, long alignmentBytes) {
        long units = layout.unitsFor(bytes);
        // Rounding up to a length that has a tag never crosses a power of two, so the order needs no rounded length.
        int order = Math.max(TagFloat.orderOf(units), layout.orderOfAlignment(alignmentBytes));
        if (order > trees.orderMax()) {
            return Handles.NONE;
        }
        long lengthUnits = TagFloat.lengthUnits(parameters.tagFor(units));
        region.step("buddy.take");
        long unit = stripe.take(order, lengthUnits);
        if (unit == FreeTrees.NONE) {
            return Handles.NONE;
        }
        if (!layout.ensureBacked(region, unit, lengthUnits)) {
            stripe.give(unit, lengthUnits);
            return Handles.NONE;
        }
        return layout.handle(unit);
    }

    @Override
    public void release(long handle, long allocatedValue) {
        release(stripe(), handle, allocatedValue);
    }

    /** As {@link #release(long, long)}, for the threads of a stripe. */
    void release(Stripe stripe, long handle, long allocatedValue) {
        region.step("buddy.give");
        stripe.give(layout.unit(handle), TagFloat.lengthUnits((int) allocatedValue));
    }

    @Override
    public PolicyAccess openAccess(boolean exclusive) {
        return new BuddyAccess(this, newStripe());
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
        long[] ranges = region.usedRanges(layout.mapOffset(), layout.mapEndOffset());
        HeadCursor head = new HeadCursor(region, layout, ranges);
        long from = layout.firstUnit();
        while (head.seek(from)) {
            visitor.visit(layout.handle(head.unit()), layout.bytes(head.lengthUnits()));
            from = head.unit() + head.lengthUnits();
        }
    }

    /** Time grows with the number of trees ever touched. */
    @Override
    public long usedBytes() {
        return layout.metadataBytes() + liveBytes();
    }

    @Override
    public long metadataBytes() {
        return layout.metadataBytes();
    }

    @Override
    public long liveBlocks() {
        return trees.liveBlocks();
    }

    @Override
    public long liveBytes() {
        return layout.bytes(trees.takenUnits());
    }

    @Override
    public long largestFreeBytes() {
        int order = trees.largestOrder();
        return order == FreeTree.NONE ? 0 : layout.bytes(1L << order);
    }

    @Override
    public void verify(Consumer<Finding> findings) {
        new BuddyVerify(region, layout, parameters, trees, findings).run();
    }

    @Override
    public void close() {
        for (Stripe stripe : stripes) {
            stripe.giveUp();
        }
    }

    /** Bytes of DRAM for what is free and what is not. */
    long indexBytes() {
        return trees.indexBytes();
    }
}
