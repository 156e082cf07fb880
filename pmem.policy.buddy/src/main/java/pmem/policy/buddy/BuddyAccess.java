package pmem.policy.buddy;

import pmem.spi.PolicyAccess;

/** One thread's access: a {@link Stash} of its own. */
final class BuddyAccess extends PolicyAccess {
    private final BuddyPolicy policy;
    private final Stash stash;

    BuddyAccess(BuddyPolicy policy, Stash stash) {
        super(policy);
        this.policy = policy;
        this.stash = stash;
    }

    @Override
    public long reserve(long bytes, long alignmentBytes) {
        return policy.reserve(stash, bytes, alignmentBytes);
    }

    @Override
    public long allocateAtOnce(long bytes, long alignmentBytes) {
        return policy.allocateAtOnce(stash, bytes, alignmentBytes);
    }

    @Override
    public boolean freeAtOnce(long handle) {
        return policy.freeAtOnce(stash, handle);
    }

    @Override
    public void release(long handle, long allocatedValue) {
        policy.release(stash, handle, allocatedValue);
    }

    @Override
    public void close() {
        policy.closeAccess(stash);
    }
}
