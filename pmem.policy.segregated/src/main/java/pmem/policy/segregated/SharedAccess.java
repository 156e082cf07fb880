package pmem.policy.segregated;

import java.util.function.BooleanSupplier;
import pmem.api.Handles;
import pmem.spi.PolicyAccess;

/**
 * What threads without an access use: slabs of the calling thread, or of an arena that it shares with others. Many blocks at once are
 * claimed, and given back, under one lock.
 */
final class SharedAccess extends PolicyAccess {
    private final SegregatedPolicy policy;

    SharedAccess(SegregatedPolicy policy) {
        super(policy);
        this.policy = policy;
    }

    @Override
    public boolean servesAtOnce() {
        return true;
    }

    @Override
    public long allocateAtOnce(long bytes, long alignmentBytes) {
        int classIndex = policy.classFor(bytes, alignmentBytes);
        return classIndex < 0 ? Handles.NONE : policy.ownerOfThread().allocate(classIndex, policy);
    }

    @Override
    public boolean freeAtOnce(long handle, BooleanSupplier mayBeNamed) {
        Slab slab = policy.slabOf(handle, Slab.NONE);
        SlabOwner owner = policy.ownerOfThread();
        if (!slab.isOwnedBy(owner) || !owner.free(slab, handle, mayBeNamed)) {
            return false;
        }
        policy.trimOwn(owner);
        return true;
    }

    @Override
    public int reserveSome(long bytes, long[] handles, int from, int end) {
        int classIndex = policy.classFor(bytes, 1);
        int claimed = classIndex < 0 ? 0 : policy.claimSome(classIndex, handles, from, end);
        return claimed > 0 ? claimed : super.reserveSome(bytes, handles, from, end);
    }

    @Override
    public void releaseAll(long[] handles, long[] allocatedValues, int count) {
        for (int next = 0; next < count; ) {
            next = policy.releaseSome(handles, allocatedValues, next, count);
        }
    }
}
