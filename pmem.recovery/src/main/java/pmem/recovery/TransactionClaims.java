package pmem.recovery;

import java.util.Arrays;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.TransactionException;

/** Everything one transaction has named, to be given back when it ends. */
final class TransactionClaims {
    private static final int FIRST_ROOM = 8;

    private final Claims claims;
    private final long owner;
    private long[] claimed = new long[FIRST_ROOM];
    private int claimedCount;
    private long[] used = new long[FIRST_ROOM];
    private int usedCount;
    private boolean entered;

    TransactionClaims(Claims claims, long owner) {
        this.claims = claims;
        this.owner = owner;
    }

    /** Names a block that the transaction allocates or frees. */
    void claimBlock(long handle) {
        enter();
        if (claims.isClaimedBy(handle, owner)) {
            throw new InvalidHandleException(
                    "the block is already freed in this transaction: handle=" + Handles.format(handle));
        }
        claim(handle, handle);
        if (claims.isUsedByOthers(handle, isUsed(handle))) {
            claims.release(handle, owner);
            throw refused(handle, handle);
        }
    }

    /** Names a block whose content the transaction changes; others may do the same. */
    void useBlock(long handle) {
        enter();
        if (isUsed(handle) || claims.isClaimedBy(handle, owner)) {
            return;
        }
        if (!claims.use(handle)) {
            claims.endUse(handle);
            throw refused(handle, handle);
        }
        if (usedCount == used.length) {
            used = Arrays.copyOf(used, 2 * usedCount);
        }
        used[usedCount++] = handle;
    }

    private boolean isUsed(long handle) {
        for (int i = 0; i < usedCount; i++) {
            if (used[i] == handle) {
                return true;
            }
        }
        return false;
    }

    /** Names a word that the transaction changes; naming it again does nothing. */
    void claimWord(long wordOffset, long handle) {
        enter();
        long name = Claims.ofWord(wordOffset);
        if (!claims.isClaimedBy(name, owner)) {
            claim(name, handle);
        }
    }

    private void claim(long name, long handle) {
        if (!claims.claim(name, owner)) {
            throw refused(name, handle);
        }
        if (claimedCount == claimed.length) {
            claimed = Arrays.copyOf(claimed, 2 * claimedCount);
        }
        claimed[claimedCount++] = name;
    }

    private void enter() {
        if (!entered) {
            claims.enter();
            entered = true;
        }
    }

    /** Gives one name back early. */
    void release(long name) {
        claims.release(name, owner);
    }

    /** Gives back a block and its words. */
    void releaseOf(long handle, long bytes) {
        for (int i = 0; i < claimedCount; i++) {
            if (claimed[i] >= handle && claimed[i] - handle < bytes) {
                claims.release(claimed[i], owner);
            }
        }
    }

    /** Gives back all that is left. */
    void releaseAll() {
        for (int i = 0; i < claimedCount; i++) {
            claims.release(claimed[i], owner);
        }
        for (int i = 0; i < usedCount; i++) {
            claims.endUse(used[i]);
        }
        if (entered) {
            claims.leave();
        }
    }

    private static TransactionException refused(long name, long handle) {
        return new TransactionException(
                "a block or word is named by another transaction: handle=" + Handles.format(handle) + " offset=0x"
                        + Long.toHexString(name & -Long.BYTES)
                        + "; this transaction was undone, run it again after the other has ended");
    }
}
