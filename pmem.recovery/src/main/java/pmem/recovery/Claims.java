package pmem.recovery;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What running transactions have named: blocks to be freed and words to be set, by offset; and the blocks that are being resized.
 * Volatile.
 *
 * <p>No two live log entries may name one bit, so a name is refused to a second transaction, and a block with a claim to
 * {@code free}. Against {@code free}, which takes no lock, the order is Dekker's: a transaction puts its claim and then reads
 * the state field; a free clears the field and then reads the claims (but for frees in one step, see {@link pmem.api.PoolAccess}). Both are sequentially consistent, so at least one of
 * the two sees the other and steps back. Both may: then each undoes what it did and looks once more at what the other has, and one of
 * them finds the way free and goes on.
 */
final class Claims {
    /** Never an owner. */
    static final long NOBODY = 0;

    private final AtomicLong owners = new AtomicLong(NOBODY);
    private final LongTable ownerOf = new LongTable();
    // Transactions that change the content of a block, by its handle: they may be several, but nobody may free it.
    private final LongTable usersOf = new LongTable();

    // Read on every free; a plain volatile word instead of the map's striped size.
    private volatile int transactionsWithClaims;
    private final Object countLock = new Object();
    private final OpenState openState;

    Claims(OpenState openState) {
        this.openState = openState;
    }

    /** The name of a word, as against that of the block at the same place: blocks are even, words odd. */
    static long ofWord(long wordOffset) {
        return wordOffset | 1;
    }

    /** A number that nobody else has, for who claims something. */
    long newOwner() {
        return owners.incrementAndGet();
    }

    /** Announces a transaction before its first claim. */
    void enter() {
        openState.namesAreUsed();
        enterBriefly();
    }

    /** As {@link #enter}, for a call that claims one block until it returns; {@link OpenState#mayBeNamed} does not tell of it. */
    void enterBriefly() {
        synchronized (countLock) {
            transactionsWithClaims = transactionsWithClaims + 1;
        }
    }

    /** Takes back {@link #enter} or {@link #enterBriefly} after the transaction's last claim is released. */
    void leave() {
        synchronized (countLock) {
            transactionsWithClaims = transactionsWithClaims - 1;
        }
    }

    /** Claims an offset; false if another transaction, or this one, has it. Read the state field after this. */
    boolean claim(long offset, long owner) {
        boolean claimed = ownerOf.putIfAbsent(offset, owner);
        // Orders the claim before the caller's load of the state field; pairs with the atomic clear in
        // CommitEngine.free.
        VarHandle.fullFence();
        return claimed;
    }

    /** Whether this transaction has claimed the offset. */
    boolean isClaimedBy(long offset, long owner) {
        return ownerOf.get(offset, 0) == owner;
    }

    /** Gives an offset back, if this transaction has it. */
    void release(long offset, long owner) {
        ownerOf.take(offset, owner, 0, 0);
    }

    /** Adds a user of a block; false if somebody has claimed the block. {@link #endUse} is due in either case. */
    boolean use(long handle) {
        usersOf.add(handle, 1);
        // Orders the use before the load of the claim; pairs with claim, after which isUsedByOthers is called.
        VarHandle.fullFence();
        return !ownerOf.contains(handle);
    }

    /** Takes back one {@link #use}. */
    void endUse(long handle) {
        usersOf.add(handle, -1);
    }

    /** Whether transactions other than the caller's use a block. */
    boolean isUsedByOthers(long handle, boolean usedByCaller) {
        return usersOf.get(handle, 0) > (usedByCaller ? 1 : 0);
    }

    /** Whether any transaction has claimed or uses the offset. */
    boolean isClaimed(long offset) {
        return transactionsWithClaims != 0 && (ownerOf.contains(offset) || usersOf.contains(offset));
    }
}
