package pmem.recovery;

import java.util.concurrent.locks.ReentrantLock;
import pmem.spi.Policy;
import pmem.spi.Region;

/**
 * How large an open pool is, and its growth.
 *
 * <p><b>Growth</b>, one at a time, beside everything else: the region becomes longer, durably; then the pool's capacity is changed on
 * media, durably; then the policy gets the new space. After a crash before the second step the pool has its old size and a longer
 * region, of which the rest is not used; after it the new size, and nothing in the new space, since no block can be there before
 * the third.
 */
final class PoolCapacity {
    private final Region region;
    private final PoolGeometry geometry;
    private final Policy policy;
    private final OpenState openState;
    private final long maxBytes;
    private final ReentrantLock growing = new ReentrantLock();
    private volatile long bytes;

    PoolCapacity(Region region, PoolGeometry geometry, Policy policy, OpenState openState) {
        this.region = region;
        this.geometry = geometry;
        this.policy = policy;
        this.openState = openState;
        // Whoever made the region may have reserved fewer addresses than the pool could use.
        maxBytes = geometry.growable()
                ? Math.max(geometry.capacityBytes(), Math.min(geometry.maxCapacityBytes(), region.maxCapacityBytes()))
                : region.capacityBytes();
        bytes = geometry.growable() ? geometry.capacityBytes() : region.capacityBytes();
    }

    /** Size of the pool now. */
    long bytes() {
        return bytes;
    }

    /** Largest size it can grow to. */
    long maxBytes() {
        return maxBytes;
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
        if (askedBytes <= 0 || askedBytes > maxBytes) {
            throw new IllegalArgumentException("pool cannot have this capacity: expected 1 to " + maxBytes
                    + " bytes, found=" + askedBytes + " pool=" + region.name()
                    + (geometry.growable() ? "" : "; create pools that shall grow with PoolOptions.maxCapacity"));
        }
        growing.lock();
        try {
            openState.requireOpen();
            if (askedBytes > bytes) {
                growTo(PoolGeometry.roundUp(askedBytes));
            }
            return bytes;
        } finally {
            growing.unlock();
        }
    }

    private void growTo(long wantedBytes) {
        long newBytes = Math.min(maxBytes, region.grow(PoolPoints.GROW_LENGTH, wantedBytes));
        CapacityWord.store(region, newBytes, PoolPoints.GROW_CAPACITY);
        region.fence(PoolPoints.GROW_CAPACITY);
        openState.requireOpen();
        bytes = newBytes;
        policy.grow(newBytes);
    }
}
