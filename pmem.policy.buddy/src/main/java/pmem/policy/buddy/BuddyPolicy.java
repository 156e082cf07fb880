package pmem.policy.buddy;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import pmem.api.BlockVisitor;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.Policy;
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
 * <p><b>Locking.</b> One lock guards {@link FreeBlocks}. It is held for a bounded number of steps (orders times levels
 * of a bitmap), and never while the region is accessed, so a thread that waits for media makes no other wait.
 * {@link #verify} alone holds it longer. The counters are written under the lock and read without: each is right for
 * some moment.
 */
final class BuddyPolicy extends Policy {
    private final Region region;
    private final HeadTagLayout layout;
    private final BuddyParameters parameters;
    private final FreeBlocks free;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicLong takenUnits;
    private final AtomicLong liveBlocks;

    BuddyPolicy(Region region, HeadTagLayout layout, BuddyParameters parameters, BuddyRebuild rebuild) {
        this.region = region;
        this.layout = layout;
        this.parameters = parameters;
        free = rebuild.free();
        takenUnits = new AtomicLong(layout.unitCount() - free.freeUnits());
        liveBlocks = new AtomicLong(rebuild.blockCount());
    }

    @Override
    public long reserve(long bytes, long alignmentBytes) {
        long units = layout.unitsFor(bytes);
        // Rounding up to a length that has a tag never crosses a power of two, so the order needs no rounded length.
        int order = Math.max(TagFloat.orderOf(units), layout.orderOfAlignment(alignmentBytes));
        if (order > free.orderMax()) {
            return Handles.NONE;
        }
        long lengthUnits = TagFloat.lengthUnits(parameters.tagFor(units));
        long unit = take(order, lengthUnits);
        if (unit == FreeBlocks.NONE) {
            return Handles.NONE;
        }
        if (!layout.ensureBacked(region, unit, lengthUnits)) {
            give(unit, lengthUnits);
            return Handles.NONE;
        }
        return layout.handle(unit);
    }

    private long take(int order, long lengthUnits) {
        region.step("buddy.lock");
        lock.lock();
        try {
            long unit = free.take(order, lengthUnits);
            if (unit != FreeBlocks.NONE) {
                count(1);
            }
            return unit;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void release(long handle, long allocatedValue) {
        give(layout.unit(handle), TagFloat.lengthUnits((int) allocatedValue));
    }

    private void give(long unit, long lengthUnits) {
        region.step("buddy.lock");
        lock.lock();
        try {
            free.give(unit, lengthUnits);
            count(-1);
        } finally {
            lock.unlock();
        }
    }

    // Under the lock there is one writer, so neither counter needs a read-modify-write.
    private void count(int blocks) {
        liveBlocks.setRelease(liveBlocks.getPlain() + blocks); // pairs with: liveBlocks()
        region.step("buddy.counting");
        takenUnits.setRelease(layout.unitCount() - free.freeUnits()); // pairs with: liveBytes()
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
        return liveBlocks.getAcquire(); // pairs with: count
    }

    @Override
    public long liveBytes() {
        return layout.bytes(takenUnits.getAcquire()); // pairs with: count
    }

    @Override
    public long largestFreeBytes() {
        lock.lock();
        try {
            int order = free.largestOrder();
            return order < 0 ? 0 : layout.bytes(1L << order);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void verify(Consumer<Finding> findings) {
        lock.lock();
        try {
            new BuddyVerify(region, layout, parameters, free, findings).run(liveBlocks.getPlain());
        } finally {
            lock.unlock();
        }
    }
}
