package pmem.spi;

import java.util.function.BooleanSupplier;
import pmem.api.Handles;

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
     * Reserves blocks of one size that need no alignment: as many of some as can be had in one go. Asked of {@link
     * Policy#sharedAccess} alone.
     *
     * @param handles where their handles are put
     * @param from place of the first
     * @param end the place behind the last that is wanted
     * @return how many there are; 0 if there is no room for the first
     */
    public int reserveSome(long bytes, long[] handles, int from, int end) {
        handles[from] = reserve(bytes, 1);
        return handles[from] == Handles.NONE ? 0 : 1;
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

    /**
     * Claims a block and makes it allocated in one step, in a transient region, where nothing is made durable and the access
     * is exclusive.
     *
     * @param bytes at least 1
     * @param alignmentBytes a power of two
     * @return the handle, or {@link pmem.api.Handles#NONE} if the request needs the two steps; nothing has changed then
     */
    public long allocateAtOnce(long bytes, long alignmentBytes) {
        return Handles.NONE;
    }

    /**
     * Makes a block free and gives it back in one step, in a transient region through an exclusive access.
     *
     * @param handle any value at all
     * @return whether that was done; if not, nothing has changed, and the two steps say what the handle is
     */
    public boolean freeAtOnce(long handle) {
        return false;
    }

    /**
     * Whether {@link #allocateAtOnce} and {@link #freeAtOnce(long, BooleanSupplier)} may be called by any number of threads, as
     * those of {@link Policy#sharedAccess} may then be.
     */
    public boolean servesAtOnce() {
        return false;
    }

    /**
     * As {@link #freeAtOnce(long)}, for blocks that others may name meanwhile: they announce that and then read the state field.
     *
     * @param mayBeNamed asked after the state field was cleared; if it says yes the field gets its value back
     */
    public boolean freeAtOnce(long handle, BooleanSupplier mayBeNamed) {
        return false;
    }

    /**
     * As {@link Policy#release}. Unless the region is {@linkplain Region#isTransient transient} the caller has changed the block's state field by
     * an access with full order since the last call of this method, so that all threads see what the access stored then.
     */
    public void release(long handle, long allocatedValue) {
        policy.release(handle, allocatedValue);
    }

    /** Releases the first blocks of some, as {@link #release} for each; asked of {@link Policy#sharedAccess} alone. */
    public void releaseAll(long[] handles, long[] allocatedValues, int count) {
        for (int i = 0; i < count; i++) {
            release(handles[i], allocatedValues[i]);
        }
    }

    /** Gives back what is kept for the thread; the access is not used afterwards. Closing twice does nothing. */
    @Override
    public void close() {}
}
