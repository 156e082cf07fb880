package pmem.recovery;

import java.util.concurrent.locks.ReentrantLock;
import pmem.api.ShrinkReport;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.Region;

/**
 * How large an open pool is, its growth, its shrinking, and the storage of free space it gives back: one of these at a time, beside
 * everything else.
 *
 * <p><b>Growth</b>: the region becomes longer, durably; then the pool's capacity is changed on media, durably; then the policy gets the
 * new space. After a crash before the second step the pool has its old size and a longer region, of which the rest is not used; after it
 * the new size, and nothing in the new space, since no block can be there before the third.
 *
 * <p><b>Shrinking</b> is the same backwards: the policy gives up the end of its space, so nothing is or comes there; the capacity is
 * changed, durably; the region becomes shorter. A crash leaves a region that is longer than the pool or as long, never shorter.
 */
final class PoolCapacity {
    /** How often the end of the space is looked for again because somebody has taken some of it meanwhile. */
    private static final int ATTEMPTS = 16;

    private final Region region;
    private final PoolGeometry geometry;
    private final Policy policy;
    private final CommitEngine engine;
    private final OpenState openState;
    private final long maxBytes;
    private final long minBytes;
    private final ReentrantLock resizing = new ReentrantLock();
    private volatile long bytes;

    PoolCapacity(Region region, RecordedPolicy recorded, Policy policy, CommitEngine engine, OpenState openState) {
        this.region = region;
        this.geometry = recorded.geometry();
        this.policy = policy;
        this.engine = engine;
        this.openState = openState;
        // Not the region's: a device is longer than a pool on it, and a file may be.
        bytes = geometry.capacityBytes();
        // Whoever made the region may have reserved fewer addresses than the pool could use.
        maxBytes = geometry.growable()
                ? Math.max(bytes, Math.min(geometry.maxCapacityBytes(), region.maxCapacityBytes()))
                : bytes;
        minBytes = canShrink() ? Math.min(bytes, inSteps(recorded.leastUsableEnd())) : bytes;
    }

    private boolean canShrink() {
        return geometry.growable() && region.lengthStepBytes() > 0;
    }

    /** Size of the pool now. */
    long bytes() {
        return bytes;
    }

    /** Largest size it can grow to. */
    long maxBytes() {
        return maxBytes;
    }

    /** Smallest size it can shrink to. */
    long minBytes() {
        return minBytes;
    }

    /** Bytes that are in no policy's space: superblocks, log, roots, and what is left over at the end. */
    long fixedBytes() {
        return geometry.growable() ? geometry.policyStartOffset() : bytes - geometry.policyBytes();
    }

    /** First byte after the policy's space, as far as it is there now. */
    long policyEndOffset() {
        return geometry.growable() ? bytes : geometry.policyEndOffset();
    }

    /** As {@link pmem.api.Pool#grow}. */
    long grow(long askedBytes) {
        requirePossible(askedBytes, 1, maxBytes);
        resizing.lock();
        try {
            openState.requireOpen();
            if (askedBytes > bytes) {
                growTo(PoolGeometry.roundUp(askedBytes));
            }
            return bytes;
        } finally {
            resizing.unlock();
        }
    }

    private void growTo(long wantedBytes) {
        long newBytes = Math.min(maxBytes, region.grow(PoolPoints.GROW_LENGTH, wantedBytes));
        record(newBytes, PoolPoints.GROW_CAPACITY);
        policy.grow(newBytes);
    }

    private void record(long newBytes, PersistPoint point) {
        CapacityWord.store(region, newBytes, point);
        region.fence(point);
        openState.requireOpen();
        bytes = newBytes;
    }

    /** As {@link pmem.api.Pool#shrink}. */
    ShrinkReport shrink(long askedBytes) {
        requirePossible(askedBytes, minBytes, Long.MAX_VALUE);
        resizing.lock();
        try {
            openState.requireOpen();
            long lengthBefore = region.capacityBytes();
            long wantedBytes = askedBytes < bytes ? inSteps(askedBytes) : bytes;
            long usedEnd = wantedBytes < bytes ? giveUpEnd(wantedBytes) : bytes;
            if (canShrink()) {
                region.shrink(bytes);
            }
            long releasedBytes = lengthBefore - region.capacityBytes();
            return new ShrinkReport(askedBytes, bytes, releasedBytes, usedEnd, bytes <= wantedBytes);
        } finally {
            resizing.unlock();
        }
    }

    /** Makes the pool as small as it can be, but not smaller than wanted; returns where what is in use ends. */
    private long giveUpEnd(long wantedBytes) {
        engine.giveHeldSpaceBack();
        long usedEnd = bytes;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            usedEnd = policy.usedEndOffset();
            long newBytes = Math.max(wantedBytes, inSteps(usedEnd));
            if (newBytes >= bytes) {
                return usedEnd;
            }
            if (policy.shrink(newBytes)) {
                record(newBytes, PoolPoints.SHRINK_CAPACITY);
                return usedEnd;
            }
        }
        return usedEnd;
    }

    private long inSteps(long leastBytes) {
        long stepBytes = region.lengthStepBytes();
        return (leastBytes + stepBytes - 1) & -stepBytes;
    }

    private void requirePossible(long askedBytes, long leastBytes, long mostBytes) {
        if (askedBytes < leastBytes || askedBytes > mostBytes) {
            throw new IllegalArgumentException(
                    "pool cannot have this capacity: expected " + minBytes + " to " + maxBytes
                            + " bytes, found=" + askedBytes + " pool=" + region.name()
                            + (geometry.growable()
                                    ? ""
                                    : "; create pools that shall grow or shrink with PoolOptions.maxCapacity, in a file"));
        }
    }

    /** As {@link pmem.api.Pool#trim}. */
    long trim() {
        long stepBytes = region.storageStepBytes();
        if (stepBytes == 0) {
            return 0;
        }
        resizing.lock();
        try {
            openState.requireOpen();
            return policy.trim(stepBytes, region::releaseStorage);
        } finally {
            resizing.unlock();
        }
    }
}
