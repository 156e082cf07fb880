package pmem.policy.segregated;

import org.jspecify.annotations.Nullable;
import pmem.api.Handles;
import pmem.spi.PolicyAccess;
import pmem.spi.Region;
import pmem.spi.extent.MediumCache;

/**
 * The slabs of one thread. It remembers the block it dealt with last, so that a block is looked up once for the calls that
 * belong together.
 */
final class SegregatedAccess extends PolicyAccess {
    private static final long BLOCK_ALLOCATED = 1;

    private final SegregatedPolicy policy;
    private final SlabOwner owner;
    /** Medium blocks, if the policy has such. */
    private final @Nullable MediumCache medium;

    private final Region region;

    /** The block asked about last; its slab may have been dropped since, and then belongs to nobody. */
    private long lastHandle;

    private Slab lastSlab = Slab.NONE;
    private int lastIndex;

    private boolean closed;

    SegregatedAccess(SegregatedPolicy policy, SlabOwner owner, @Nullable MediumCache medium, Region region) {
        super(policy);
        this.policy = policy;
        this.owner = owner;
        this.medium = medium;
        this.region = region;
    }

    SlabOwner owner() {
        return owner;
    }

    @Override
    public long reserve(long bytes, long alignmentBytes) {
        int classIndex = policy.classFor(bytes, alignmentBytes);
        long handle = classIndex < 0 ? takeCached(bytes, alignmentBytes) : owner.claim(classIndex, policy);
        if (classIndex < 0 || handle == Handles.NONE) {
            lastHandle = Handles.NONE;
            return handle != Handles.NONE
                    ? handle
                    : policy.reserveOfOthers(classIndex, bytes, alignmentBytes, owner.node());
        }
        region.step("segregated.claimed");
        lastHandle = handle;
        lastSlab = owner.lastSlab();
        lastIndex = owner.lastIndex();
        return handle;
    }

    private long takeCached(long bytes, long alignmentBytes) {
        return medium == null ? Handles.NONE : medium.take(bytes, alignmentBytes);
    }

    @Override
    public long allocateAtOnce(long bytes, long alignmentBytes) {
        int classIndex = alignmentBytes == 1 ? policy.classFor(bytes) : -1;
        if (classIndex < 0) {
            return medium == null ? Handles.NONE : medium.allocateAtOnce(bytes, alignmentBytes);
        }
        Slab slab = owner.current(classIndex);
        int index = slab.isQueued() ? -1 : slab.claim(region);
        if (index < 0) {
            return Handles.NONE;
        }
        region.storeByteRelease(slab.stateByte(index), (int) BLOCK_ALLOCATED);
        return slab.handleOf(index);
    }

    @Override
    public boolean freeAtOnce(long handle) {
        Slab slab = lastSlab;
        int index = slab.indexOf(handle);
        // One that was dropped says nothing of what is there now.
        if (index < 0 || slab.owner() == null) {
            slab = policy.slabOf(handle, Slab.NONE);
            index = slab.indexOf(handle);
            if (index < 0) {
                return medium != null && medium.freeAtOnce(handle);
            }
            lastSlab = slab;
            // What is remembered of the last block does not hold any more.
            lastHandle = Handles.NONE;
        }
        if (!slab.isOwnedBy(owner) || region.loadByteAcquire(slab.stateByte(index)) == 0) {
            return false;
        }
        region.storeByteRelease(slab.stateByte(index), 0);
        if (owner.unclaimOwn(slab, index)) {
            policy.trimOwn(owner);
        }
        return true;
    }

    @Override
    public long stateField(long handle) {
        Slab slab = slabOf(handle);
        return slab == Slab.NONE ? policy.stateField(handle) : slab.stateField(lastIndex);
    }

    @Override
    public long allocatedValue(long handle, long bytes, long alignmentBytes) {
        return handle == lastHandle ? BLOCK_ALLOCATED : policy.allocatedValue(handle, bytes, alignmentBytes);
    }

    @Override
    public void release(long handle, long allocatedValue) {
        Slab slab = slabOf(handle);
        if (slab == Slab.NONE) {
            if (medium == null || !medium.put(handle, allocatedValue)) {
                policy.release(handle, allocatedValue);
            }
        } else {
            policy.unclaim(owner, slab, lastIndex);
        }
    }

    void closeCache() {
        if (medium != null) {
            medium.close();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            policy.close(this);
        }
    }

    /** The slab of a block, if it is in one; {@link #lastIndex} is the block's index then. */
    private Slab slabOf(long handle) {
        Slab slab = lastSlab;
        if (handle == lastHandle && slab.owner() != null) {
            return slab;
        }
        slab = policy.slabOf(handle, Slab.NONE);
        int index = slab.indexOf(handle);
        if (index < 0) {
            return Slab.NONE;
        }
        lastHandle = handle;
        lastSlab = slab;
        lastIndex = index;
        return slab;
    }
}
