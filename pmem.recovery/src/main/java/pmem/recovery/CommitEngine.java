package pmem.recovery;

import java.util.function.BooleanSupplier;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.OutOfSpaceException;
import pmem.api.PoolCorruptedException;
import pmem.api.PoolIoException;
import pmem.api.TransactionException;
import pmem.recovery.Reservations.Reservation;
import pmem.spi.BlockGroup;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * Moves blocks between reserved and allocated by one change of one state field, and makes the change durable: the direct,
 * log-free half of the commit protocol. {@link RecoveryTransaction} is the logged half.
 *
 * <p>The policy claims space; this class and the log alone change state fields. Whether the pool is still open is looked at
 * once more after each fence, since a region that was closed in between swallows stores.
 */
final class CommitEngine {
    private final Region region;
    private final PoolGeometry geometry;
    private final Policy policy;
    private final PolicyAccess shared;
    private final boolean sharedAtOnce;
    private final BooleanSupplier mayBeNamed;
    private final Claims claims;
    private final Reservations reservations;
    private final OpenIntents intents;
    private final GroupCommit commit;
    private final OpenState openState;

    CommitEngine(
            Region region,
            PoolGeometry geometry,
            Policy policy,
            Claims claims,
            Reservations reservations,
            OpenIntents intents,
            GroupCommit commit,
            OpenState openState) {
        this.region = region;
        this.geometry = geometry;
        this.policy = policy;
        this.shared = policy.sharedAccess();
        this.sharedAtOnce = region.isTransient() && shared.servesAtOnce();
        this.claims = claims;
        this.reservations = reservations;
        this.intents = intents;
        this.commit = commit;
        this.openState = openState;
        mayBeNamed = openState::mayBeNamed;
    }

    /** Allocates a block by way of an access, {@link #shared} if the caller has none. */
    long allocate(PolicyAccess access, long bytes, long alignmentBytes) {
        requireRequest(bytes, alignmentBytes);
        long handle = claimSpace(access, bytes, alignmentBytes);
        return commitAllocated(access, handle, access.allocatedValue(handle, bytes, alignmentBytes));
    }

    private long commitAllocated(PolicyAccess access, long handle, long value) {
        long field = access.stateField(handle);
        setAllocated(handle, field, value);
        commit.changed(PoolPoints.ALLOCATE, field);
        openState.requireOpen();
        return handle;
    }

    /** Brings a block that was just reserved into the state it is to have when it is allocated. */
    interface Preparation {
        void prepare(long handle, long usableBytes);
    }

    /** As {@link #allocate(PolicyAccess, long, long)}, with a block that was prepared before it is allocated. */
    long allocate(PolicyAccess access, long bytes, long alignmentBytes, Preparation preparation) {
        requireRequest(bytes, alignmentBytes);
        long handle = claimSpace(access, bytes, alignmentBytes);
        long value = access.allocatedValue(handle, bytes, alignmentBytes);
        preparation.prepare(handle, policy.usableBytes(handle, value));
        return commitAllocated(access, handle, value);
    }

    /**
     * Allocates a block for a thread without an access. Whether the pool is open is looked at before: what is done at once, in memory that nobody
     * opens again, was done before a close that comes meanwhile.
     */
    long allocate(long bytes, long alignmentBytes) {
        if (!sharedAtOnce) {
            return allocate(shared, bytes, alignmentBytes);
        }
        requireRequest(bytes, alignmentBytes);
        long atOnce = shared.allocateAtOnce(bytes, alignmentBytes);
        return atOnce != Handles.NONE ? atOnce : allocateTransient(shared, bytes, alignmentBytes);
    }

    /**
     * As {@link #allocate(PolicyAccess, long, long)} in a transient region, where nothing is to be made durable, for a block that the access does not
     * allocate at once; a byte is set by a plain store.
     */
    long allocateTransient(PolicyAccess access, long bytes, long alignmentBytes) {
        requireRequest(bytes, alignmentBytes);
        long handle = claimSpace(access, bytes, alignmentBytes);
        long field = access.stateField(handle);
        long value = access.allocatedValue(handle, bytes, alignmentBytes);
        setAllocated(handle, field, value);
        openState.requireOpen();
        return handle;
    }

    /** The way into the policy for threads that have none of their own. */
    PolicyAccess shared() {
        return shared;
    }

    void free(PolicyAccess access, long handle) {
        long field = access.stateField(handle);
        long value = clearAllocated(handle, field);
        commit.changed(PoolPoints.FREE, field);
        openState.requireOpen();
        // Only now: whoever reserves the space next must find the free on media.
        release(access, handle, value);
    }

    /** Frees a block for a thread without an access. */
    void free(long handle) {
        if (!sharedAtOnce || openState.mayBeNamed() || !shared.freeAtOnce(handle, mayBeNamed)) {
            free(shared, handle);
        } else {
            openState.requireOpen();
        }
    }

    /**
     * As {@link #free(PolicyAccess, long)} in a transient region, for a block that the access does not free at once; a byte is cleared
     * by a plain store while nobody ever named a block.
     */
    void freeTransient(PolicyAccess access, long handle) {
        if (openState.mayBeNamed()) {
            free(access, handle);
        } else {
            freeByByte(access, handle);
        }
        openState.requireOpen();
    }

    private void freeByByte(PolicyAccess access, long handle) {
        long field = access.stateField(handle);
        if (!StateField.isByte(field)) {
            free(access, handle);
            return;
        }
        int value = region.loadByteAcquire(StateField.byteOffset(field));
        if (value == 0) {
            throw notLive("free", handle);
        }
        region.storeByteRelease(StateField.byteOffset(field), 0);
        openState.requireOpen();
        access.release(handle, value);
    }

    private void release(PolicyAccess access, long handle, long value) {
        settleBeforeReuse(handle, value);
        commit.release(access, handle, value);
    }

    /** Settles what has changed words inside a freed block, before its memory goes back to the policy. */
    void settleBeforeReuse(long handle, long value) {
        if (intents.isUsed()) {
            intents.settleWordsBeforeReuse(handle, policy.usableBytes(handle, value), -1);
        }
    }

    /** Reserves space on behalf of an owner: a transaction, or {@link Reservations#POOL}. */
    long reserve(PolicyAccess access, long bytes, long owner) {
        requireSize(bytes);
        long handle = claimSpace(access, bytes, 1);
        reservations.add(handle, bytes, 1, owner);
        return handle;
    }

    /** Reserves a block of a group; errors as {@link #allocate}. */
    long reserve(BlockGroup group, long bytes, long alignmentBytes) {
        long handle = group.reserve(bytes, alignmentBytes);
        if (handle == Handles.NONE && giveHeldSpaceBack()) {
            handle = group.reserve(bytes, alignmentBytes);
        }
        if (handle == Handles.NONE) {
            throw outOfSpace(bytes, alignmentBytes);
        }
        return handle;
    }

    /** Takes a block out of its group: reserved through the pool from now on. */
    void detach(BlockGroup group, long handle, long usableBytes, long contentBytes) {
        group.detach(handle);
        reservations.addDetached(handle, usableBytes, contentBytes);
    }

    void publish(long handle) {
        long value = reservations.valueOf(handle);
        long bytes = takeReserved("publish", handle, value);
        long field = policy.stateField(handle);
        // Before any write-back: a locked instruction behind one waits for media as a fence does.
        setAllocated(handle, field, value);
        commit.writeBack(PoolPoints.PUBLISH, handle, bytes);
        commit.writeBack(PoolPoints.PUBLISH, StateField.wordOffset(field), Long.BYTES);
        commit.fence(PoolPoints.PUBLISH);
        openState.requireOpen();
    }

    void cancel(long handle) {
        long value = reservations.valueOf(handle);
        takeReserved("cancel", handle, value);
        policy.release(handle, value);
    }

    /** Gives space reserved by an owner back if that has not happened before. */
    void cancel(long handle, Reservation reservation) {
        if (reservations.remove(handle, reservation)) {
            policy.release(handle, reservation.value());
        }
    }

    boolean isLive(long handle) {
        boolean live = stateOf(handle) != 0;
        openState.requireOpen();
        return live;
    }

    /** Usable bytes of a live or reserved block. */
    long usableBytes(long handle) {
        long value = stateOf(handle);
        if (value != 0) {
            return policy.usableBytes(handle, value);
        }
        long usableBytes = reservations.usableBytesOf(handle);
        if (usableBytes == Reservations.NOT_RESERVED) {
            throw notLive("use", handle);
        }
        return usableBytes;
    }

    /** Usable bytes of a live block. */
    long liveBytes(String operation, long handle) {
        long value = stateOf(handle);
        if (value == 0) {
            throw notLive(operation, handle);
        }
        return policy.usableBytes(handle, value);
    }

    private long stateOf(long handle) {
        long field = policy.stateField(handle);
        return field == StateField.NONE ? 0 : StateWords.load(region, field);
    }

    /** The error for a handle that names no live block, with what can be said about why. */
    InvalidHandleException notLive(String operation, long handle) {
        // A region that another thread has just closed reads as zero; that says nothing about the block.
        openState.requireOpen();
        return new InvalidHandleException("cannot " + operation + " block: expected the handle of a live block, found "
                + whatIsAt(handle) + "; handle=" + Handles.format(handle) + " pool=" + region.name()
                + "; nothing was changed");
    }

    private String whatIsAt(long handle) {
        if (handle == Handles.NONE) {
            return "no handle";
        }
        if (handle < geometry.policyStartOffset() || handle >= geometry.policyEndOffset()) {
            return "a handle outside the pool's blocks, perhaps of another pool";
        }
        if (reservations.contains(handle)) {
            return "a block that is only reserved; publish or cancel it";
        }
        return policy.stateField(handle) == StateField.NONE
                ? "a place where no block starts: inside a block, misaligned, or free space"
                : "a block that is free, perhaps freed before";
    }

    /**
     * Returns if an offset is that of a word inside a block.
     *
     * @param what the word, for the message
     * @throws IllegalArgumentException if it is not
     */
    static void requireWordInside(String what, long handle, long usableBytes, long offset) {
        if (offset % Long.BYTES != 0 || offset < 0 || offset > usableBytes - Long.BYTES) {
            throw new IllegalArgumentException(what + " is not inside the block: handle=" + Handles.format(handle)
                    + " usableBytes=" + usableBytes + ", expected an offset that is a multiple of 8, found=" + offset);
        }
    }

    static void requireSize(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("size is not usable: expected at least 1 byte, found=" + bytes);
        }
    }

    static void requireRequest(long bytes, long alignmentBytes) {
        requireSize(bytes);
        if (alignmentBytes <= 0 || Long.bitCount(alignmentBytes) != 1) {
            throw new IllegalArgumentException(
                    "alignment is not usable: expected a power of two, found=" + alignmentBytes);
        }
    }

    private long claimSpace(PolicyAccess access, long bytes, long alignmentBytes) {
        long handle = access.reserve(bytes, alignmentBytes);
        return handle != Handles.NONE ? handle : claimHeldSpace(access, bytes, alignmentBytes);
    }

    // Freed space may be held back until its free can no longer be undone.
    long claimHeldSpace(PolicyAccess access, long bytes, long alignmentBytes) {
        long handle = giveHeldSpaceBack() ? access.reserve(bytes, alignmentBytes) : Handles.NONE;
        if (handle == Handles.NONE) {
            throw outOfSpace(bytes, alignmentBytes);
        }
        return handle;
    }

    private OutOfSpaceException outOfSpace(long bytes, long alignmentBytes) {
        return new OutOfSpaceException("no contiguous space is left: askedBytes=" + bytes + " alignmentBytes="
                + alignmentBytes + ", expected at most " + policy.largestFreeBytes() + " bytes, capacityBytes="
                + CapacityWord.poolBytes(region, geometry) + " pool=" + region.name()
                + "; free blocks, let the pool grow if it can, or use a larger pool");
    }

    /**
     * Makes free what waits for a fence or a flush to be so; says whether there may have been any. Where links are changed another
     * thread may just have done it.
     */
    boolean giveHeldSpaceBack() {
        boolean settled = intents.settleAll();
        return commit.sync() || settled || intents.isUsed();
    }

    private void setAllocated(long handle, long field, long value) {
        long found = StateWords.set(region, field, value);
        if (found != 0) {
            throw alreadyAllocated(handle, found);
        }
    }

    /** The error for a state field that is not 0 though its block was reserved. */
    PoolCorruptedException alreadyAllocated(long handle, long found) {
        return new PoolCorruptedException("a reserved block is allocated on media: handle=" + Handles.format(handle)
                + ", expected state 0, found=0x" + Long.toHexString(found) + " pool=" + region.name()
                + "; metadata was changed from outside the pool");
    }

    // Clears first and looks for claims and intents second; Claims says why in this order.
    private long clearAllocated(long handle, long field) {
        while (true) {
            // Mostly a claim is seen here already, and then the field never shows a value that is put back.
            requireUnclaimed(handle);
            long value = field == StateField.NONE ? 0 : StateField.clear(region, field);
            if (value == 0) {
                throw notLive("free", handle);
            }
            region.step("free.look-for-claims");
            if (isClaimed(handle)) {
                // Who has the claim may have taken the block for free and given up; then nobody frees it but this call,
                // so
                // it looks again. pairs with: RecoveryTransaction.claimLive
                putBack(field, value);
            } else if (settleCleared(handle, field, value)) {
                return value;
            }
        }
    }

    /** Settles what has named a block whose state was cleared; if it got that back, says that it is worth another look. */
    private boolean settleCleared(long handle, long field, long value) {
        try {
            settleNamed(handle, value);
            return true;
        } catch (TransactionException refused) {
            putBack(field, value);
            requireNamed(handle, value, refused);
            return false;
        } catch (PoolIoException failed) {
            // Who has named the block waits for its state to come back.
            StateWords.change(region, field, 0, value);
            throw failed;
        }
    }

    /**
     * Refuses a free whose block has its state back, unless what had named the block is gone: it may have taken the block for free and given up.
     * pairs with: LinkEngine.isLiveAgain
     *
     * @throws TransactionException the refusal
     */
    void requireNamed(long handle, long value, TransactionException refusal) {
        if (intents.isNamedByRunning(handle, policy.usableBytes(handle, value))) {
            throw refusal;
        }
    }

    private void putBack(long field, long value) {
        region.step("free.put-back");
        StateWords.change(region, field, 0, value);
        // Another thread may have written the word back meanwhile.
        region.writeBackAndFence(PoolPoints.FREE_REFUSED, StateField.wordOffset(field));
    }

    /**
     * Settles what has named a block whose state the caller has just cleared.
     *
     * @throws TransactionException if an operation on a slot that is still running has named it
     */
    void settleNamed(long handle, long value) {
        if (intents.isUsed()) {
            intents.settleBlock("free block", handle, policy.usableBytes(handle, value), -1);
        }
    }

    /** Whether a running transaction or a resize has named a block. */
    boolean isClaimed(long handle) {
        return claims.isClaimed(handle);
    }

    void requireUnclaimed(long handle) {
        if (claims.isClaimed(handle)) {
            throw new TransactionException("cannot free block: a running transaction or a resize has named it, handle="
                    + Handles.format(handle) + " pool=" + region.name() + "; nothing was changed");
        }
    }

    /** Takes a block that was reserved through the pool out of the reservations; returns the bytes asked for. */
    private long takeReserved(String operation, long handle, long value) {
        long bytes = reservations.take(handle, value);
        if (bytes == Reservations.NOT_RESERVED) {
            throw notReserved(operation, handle);
        }
        return bytes;
    }

    /** The error for a handle that names no block reserved through the pool. */
    InvalidHandleException notReserved(String operation, long handle) {
        openState.requireOpen();
        return new InvalidHandleException("cannot " + operation
                + " block: expected the handle of a reserved block, found another; handle=" + Handles.format(handle)
                + " pool=" + region.name() + "; nothing was changed");
    }
}
