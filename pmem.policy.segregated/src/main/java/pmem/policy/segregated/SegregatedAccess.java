package pmem.policy.segregated;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import pmem.api.Handles;
import pmem.spi.PolicyAccess;
import pmem.spi.Region;

/**
 * The slabs of one thread. It remembers the block it dealt with last, so that a block is looked up once for the calls that
 * belong together.
 */
final class SegregatedAccess extends PolicyAccess {
    private static final long BLOCK_ALLOCATED = 1;
    private static final VarHandle UNANNOUNCED;

    static {
        try {
            UNANNOUNCED = MethodHandles.lookup().findVarHandle(SegregatedAccess.class, "unannounced", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final SegregatedPolicy policy;
    private final SlabOwner owner;
    private final Region region;

    /** The block asked about last; its slab may have been dropped since, and then belongs to nobody. */
    private long lastHandle;

    private Slab lastSlab = Slab.NONE;
    private int lastIndex;

    private final boolean announcesLate;

    /** The block of another's slab given back last: its owner may not have heard of it. */
    private long unannounced;

    private boolean closed;

    SegregatedAccess(SegregatedPolicy policy, SlabOwner owner, Region region) {
        super(policy);
        this.policy = policy;
        this.owner = owner;
        this.region = region;
        announcesLate = policy.announcesLate();
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
        int classIndex = alignmentBytes == 1 ? policy.classFor(bytes) : -1;
        if (classIndex < 0) {
            return Handles.NONE;
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
        } else if (announcesLate && !slab.isOwnedBy(owner)) {
            giveBack(slab, lastIndex, handle);
        } else {
            policy.unclaim(owner, slab, lastIndex);
        }
    }

    /**
     * Gives a block back without a locked instruction: the first one after the fence of a free waits for that, and with it all that
     * follows, up to the next fence. So the mark of the slab is looked at too early, maybe, and again at the next release.
     */
    private void giveBack(Slab slab, int index, long handle) {
        // The change of this block's state is a full fence behind the store of the last one.
        announceLast();
        boolean queued = slab.isQueued();
        region.step("segregated.mark-seen");
        slab.giveBack(region, index);
        if (!queued) {
            policy.announce(slab);
        }
        // For who is short of room, or comes to look. pairs with: unannounced
        UNANNOUNCED.setRelease(this, handle);
    }

    private void announceLast() {
        Slab slab = unannounced == Handles.NONE ? Slab.NONE : unannounced();
        if (slab != Slab.NONE) {
            policy.announce(slab);
        }
    }

    /** The slab of the block this access gave back last, if it is not collected and may never be; else {@link Slab#NONE}. From any thread. */
    Slab unannounced() {
        long handle = (long) UNANNOUNCED.getAcquire(this);
        if (handle == Handles.NONE) {
            return Slab.NONE;
        }
        Slab slab = policy.slabOf(handle, Slab.NONE);
        int index = slab.indexOf(handle);
        // In this order: who dequeued the slab without seeing the block had taken the mark off before.
        return index >= 0 && slab.isGivenBack(index) && !slab.isQueued() ? slab : Slab.NONE;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            // pairs with: Slab.dequeued
            VarHandle.fullFence();
            announceLast();
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
