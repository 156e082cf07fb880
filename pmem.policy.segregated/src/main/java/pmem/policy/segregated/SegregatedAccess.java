package pmem.policy.segregated;

import pmem.api.Handles;
import pmem.spi.PolicyAccess;
import pmem.spi.Region;

/**
 * The slabs of one thread. It remembers the block it dealt with last, so that a block is looked up once for the calls that
 * belong together.
 */
final class SegregatedAccess extends PolicyAccess {
    private static final long BLOCK_ALLOCATED = 1;

    private final SegregatedPolicy policy;
    private final SlabOwner owner;
    private final Region region;

    /** The block asked about last; its slab may have been dropped since, and then belongs to nobody. */
    private long lastHandle;

    private Slab lastSlab = Slab.NONE;
    private int lastIndex;

    private boolean closed;

    SegregatedAccess(SegregatedPolicy policy, SlabOwner owner, Region region) {
        super(policy);
        this.policy = policy;
        this.owner = owner;
        this.region = region;
    }

    SlabOwner owner() {
        return owner;
    }

    @Override
    public long reserve(long bytes, long alignmentBytes) {
        int classIndex = policy.classFor(bytes, alignmentBytes);
        long handle = classIndex < 0 ? Handles.NONE : owner.claim(classIndex, policy);
        if (handle == Handles.NONE) {
            lastHandle = Handles.NONE;
            return policy.reserveOfOthers(classIndex, bytes, alignmentBytes, owner.node());
        }
        region.step("segregated.claimed");
        lastHandle = handle;
        lastSlab = owner.lastSlab();
        lastIndex = owner.lastIndex();
        return handle;
    }

    @Override
    public long allocateAtOnce(long bytes, long alignmentBytes) {
        if (alignmentBytes != 1) {
            return Handles.NONE;
        }
        int classIndex = policy.classFor(bytes);
        if (classIndex < 0) {
            return policy.allocateLargeAtOnce(bytes, owner.node());
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
        if (index < 0) {
            slab = policy.slabOf(handle, Slab.NONE);
            index = slab.indexOf(handle);
            lastSlab = slab;
            // What is remembered of the last block does not hold any more.
            lastHandle = Handles.NONE;
        }
        if (slab == Slab.NONE) {
            return policy.freeLargeAtOnce(handle);
        }
        if (index < 0 || !slab.isOwnedBy(owner) || region.loadByteAcquire(slab.stateByte(index)) == 0) {
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
            policy.release(handle, allocatedValue);
        } else {
            policy.unclaim(owner, slab, lastIndex);
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
