package pmem.policy.segregated;

import pmem.spi.PolicyAccess;

/** What threads without an access use; many blocks at once are claimed from the arena of the thread, and given back to it, under one lock. */
final class SharedAccess extends PolicyAccess {
    private final SegregatedPolicy policy;

    SharedAccess(SegregatedPolicy policy) {
        super(policy);
        this.policy = policy;
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
