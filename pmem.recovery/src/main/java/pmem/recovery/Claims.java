package pmem.recovery;

import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What running transactions have named: blocks to be freed and words to be set, by offset. Volatile.
 *
 * <p>No two live log entries may name one bit, so a name is refused to a second transaction, and a block with a claim to
 * {@code free}. Against {@code free}, which takes no lock, the order is Dekker's: a transaction puts its claim and then reads
 * the state field; a free clears the field and then reads the claims. Both are sequentially consistent, so at least one of
 * the two sees the other and steps back.
 */
final class Claims {
    private final ConcurrentHashMap<Long, RecoveryTransaction> ownerOf = new ConcurrentHashMap<>();

    // Read on every free; a plain volatile word instead of the map's striped size.
    private volatile int transactionsWithClaims;
    private final Object countLock = new Object();

    /** Announces a transaction before its first claim. */
    void enter() {
        synchronized (countLock) {
            transactionsWithClaims = transactionsWithClaims + 1;
        }
    }

    /** Takes back {@link #enter} after the transaction's last claim is released. */
    void leave() {
        synchronized (countLock) {
            transactionsWithClaims = transactionsWithClaims - 1;
        }
    }

    /** Claims an offset; false if another transaction, or this one, has it. Read the state field after this. */
    boolean claim(long offset, RecoveryTransaction owner) {
        boolean claimed = ownerOf.putIfAbsent(offset, owner) == null;
        // Orders the claim before the caller's load of the state field; pairs with the atomic clear in RegionPool.free.
        VarHandle.fullFence();
        return claimed;
    }

    /** Whether this transaction has claimed the offset. */
    boolean isClaimedBy(long offset, RecoveryTransaction owner) {
        return ownerOf.get(offset) == owner;
    }

    /** Gives an offset back. */
    void release(long offset) {
        ownerOf.remove(offset);
    }

    /** Whether any transaction has claimed the offset. */
    boolean isClaimed(long offset) {
        return transactionsWithClaims != 0 && ownerOf.containsKey(offset);
    }
}
