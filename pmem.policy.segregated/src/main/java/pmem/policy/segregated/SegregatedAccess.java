package pmem.policy.segregated;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import pmem.api.Handles;
import pmem.spi.PolicyAccess;
import pmem.spi.Region;
import pmem.spi.extent.MediumCache;
import pmem.spi.extent.SizeClasses;

/**
 * The slabs of one thread. It remembers the block it dealt with last, so that a block is looked up once for the calls that
 * belong together.
 */
@SuppressWarnings("ReferenceEquality") // slabs have no other equality
class SegregatedAccess extends PolicyAccess {
    private static final long BLOCK_ALLOCATED = 1;
    private static final int GRANULE_SHIFT = Integer.numberOfTrailingZeros(SizeClasses.GRANULE_BYTES);
    /** Larger sizes, of classes larger than usual, take two steps. */
    private static final int BINNED_BYTES_MAX = 16_384;

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
    /** Medium blocks, if the policy has such. */
    private final @Nullable MediumCache medium;

    private final Region region;
    private final SlabsSeen seen = new SlabsSeen();

    /** What serves a size of so many granules and one byte up to one granule more. */
    private final SlabBin[] binOfGranules;

    private final int slabBytesMax;

    /** The largest size in that table. */
    private final int binnedBytesMax;

    /** Place in that table of the size allocated at once last. */
    private int lastGranules;

    /** The block asked about last; its slab may have been dropped since, and then belongs to nobody. */
    private long lastHandle;

    private Slab lastSlab = Slab.NONE;
    private int lastIndex;

    private final boolean announcesLate;

    /** The block of another's slab given back last: its owner may not have heard of it. */
    @SuppressWarnings("UnusedVariable") // by UNANNOUNCED
    private long unannounced;

    private boolean closed;

    private SegregatedAccess(
            SegregatedPolicy policy,
            SlabOwner owner,
            @Nullable MediumCache medium,
            Region region,
            SizeClasses classes) {
        super(policy);
        this.policy = policy;
        this.owner = owner;
        this.medium = medium;
        this.region = region;
        slabBytesMax = classes.largestBytes();
        binnedBytesMax = Math.min(slabBytesMax, BINNED_BYTES_MAX);
        binOfGranules = new SlabBin[binnedBytesMax / SizeClasses.GRANULE_BYTES];
        Arrays.setAll(binOfGranules, i -> owner.bin(classes.classOf((i + 1L) * SizeClasses.GRANULE_BYTES)));
        announcesLate = policy.announcesLate();
    }

    /** An access with the slabs of an owner; alone in its last line, wherever a collector puts it. */
    static SegregatedAccess of(
            SegregatedPolicy policy,
            SlabOwner owner,
            @Nullable MediumCache medium,
            Region region,
            SizeClasses classes) {
        return new Apart(policy, owner, medium, region, classes);
    }

    /** Fields of a subclass stand behind those of its superclass. */
    @SuppressWarnings({"unused", "UnusedVariable"}) // room
    private static final class Apart extends SegregatedAccess {
        private long room1;
        private long room2;
        private long room3;
        private long room4;
        private long room5;
        private long room6;
        private long room7;
        private long room8;

        Apart(
                SegregatedPolicy policy,
                SlabOwner owner,
                @Nullable MediumCache medium,
                Region region,
                SizeClasses classes) {
            super(policy, owner, medium, region, classes);
        }
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
            // Else the block before this one would be that of no handle.
            lastSlab = Slab.NONE;
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
        if (alignmentBytes != 1 || bytes > binnedBytesMax) {
            return allocateOtherAtOnce(bytes, alignmentBytes);
        }
        int granules = (int) (bytes - 1) >>> GRANULE_SHIFT;
        lastGranules = granules;
        SlabBin bin = binOfGranules[granules];
        Slab slab = bin.current();
        long handle = slab.isQueued() ? Handles.NONE : slab.allocate(region);
        return handle != Handles.NONE ? handle : owner.nextCurrent(bin).allocate(region);
    }

    private long allocateOtherAtOnce(long bytes, long alignmentBytes) {
        long handle = medium == null ? Handles.NONE : medium.allocateAtOnce(bytes, alignmentBytes);
        boolean isLarge = handle == Handles.NONE && alignmentBytes == 1 && bytes > slabBytesMax;
        return isLarge ? policy.allocateLargeAtOnce(bytes, owner.node()) : handle;
    }

    @Override
    public boolean freeAtOnce(long handle) {
        // Mostly right for what was allocated last, and known before the handle is.
        Slab slab = binOfGranules[lastGranules].current();
        return isOwnBlock(slab, handle) ? free(slab, handle) : freeElsewhere(handle);
    }

    private boolean freeElsewhere(long handle) {
        Slab slab = seen.at(handle);
        if (!isOwnBlock(slab, handle)) {
            if (!slab.isNone() && !slab.isOwnedBy(owner)) {
                seen.forget(handle);
            }
            slab = policy.slabOf(handle, Slab.NONE);
            if (slab.isNone()) {
                return (medium != null && medium.freeAtOnce(handle)) || policy.freeLargeAtOnce(handle);
            }
            if (!isOwnBlock(slab, handle)) {
                return false;
            }
            seen.put(handle, slab);
        }
        return free(slab, handle);
    }

    private boolean isOwnBlock(Slab slab, long handle) {
        return slab.isOwnedBy(owner) && slab.indexOf(handle) >= 0;
    }

    private boolean free(Slab slab, long handle) {
        int left = slab.free(region, handle);
        if (left == Slab.NOT_LIVE) {
            return false;
        }
        if (slab.needsFiling(left)) {
            file(slab);
        }
        return true;
    }

    private void file(Slab slab) {
        owner.gotRoom(slab);
        for (Slab dropped : policy.trimOwn(owner)) {
            seen.forget(dropped);
        }
    }

    @Override
    public long stateField(long handle) {
        Slab slab = slabOf(handle);
        return slab.isNone() ? policy.stateField(handle) : slab.stateField(lastIndex);
    }

    @Override
    public long allocatedValue(long handle, long bytes, long alignmentBytes) {
        return handle == lastHandle ? BLOCK_ALLOCATED : policy.allocatedValue(handle, bytes, alignmentBytes);
    }

    @Override
    public void release(long handle, long allocatedValue) {
        Slab slab = slabOf(handle);
        if (slab.isNone()) {
            if (medium == null || !medium.put(handle, allocatedValue)) {
                policy.release(handle, allocatedValue);
            }
        } else if (announcesLate && !slab.isOwnedBy(owner)) {
            giveBack(slab, lastIndex, handle);
        } else {
            policy.unclaim(owner, slab, lastIndex);
        }
    }

    void closeCache() {
        if (medium != null) {
            medium.close();
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
        Slab slab = unannounced();
        if (!slab.isNone()) {
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
