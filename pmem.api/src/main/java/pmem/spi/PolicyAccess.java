package pmem.spi;

/**
 * One thread's own way into a policy: what it keeps for that thread (slabs, a tree, a place to search from) is touched by
 * no other thread on the common path. Used by one thread at a time; {@link Policy#openAccess} gives it. Blocks may be released
 * through any access, or through the policy, whichever they were reserved through.
 *
 * <p>Without a subclass of its own a policy serves an access as it serves everybody.
 */
public class PolicyAccess implements AutoCloseable {
    private final Policy policy;

    /** An access that passes everything on to the policy. */
    protected PolicyAccess(Policy policy) {
        this.policy = policy;
    }

    /** What threads without an access of their own use: any number of them at once. */
    public static PolicyAccess shared(Policy policy) {
        return new PolicyAccess(policy);
    }

    /** As {@link Policy#reserve}. */
    public long reserve(long bytes, long alignmentBytes) {
        return policy.reserve(bytes, alignmentBytes);
    }

    /**
     * As {@link Policy#stateField}. An access may remember the block it last reserved or was asked about, so that the calls
     * that follow for the same block need not look it up again.
     */
    public long stateField(long handle) {
        return policy.stateField(handle);
    }

    /** As {@link Policy#allocatedValue}. */
    public long allocatedValue(long handle, long bytes, long alignmentBytes) {
        return policy.allocatedValue(handle, bytes, alignmentBytes);
    }

    /** As {@link Policy#release}. */
    public void release(long handle, long allocatedValue) {
        policy.release(handle, allocatedValue);
    }

    /** Gives back what is kept for the thread; the access is not used afterwards. Closing twice does nothing. */
    @Override
    public void close() {}
}
