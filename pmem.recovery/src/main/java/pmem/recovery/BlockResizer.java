package pmem.recovery;

import pmem.api.Handles;
import pmem.api.TransactionException;
import pmem.spi.Policy;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * Makes live blocks longer or shorter where they are, by one change of the state field from one length to another.
 *
 * <p>Before that change a longer block's new end is claimed in DRAM only, and free on media; after it a shorter block's old end is
 * given back, once the change is durable. So a crash finds one of the two lengths, and what is not the block's is free.
 *
 * <p>The block is named in {@link Claims} meanwhile, as by a transaction, so nobody frees it, names it or resizes it. In a transient
 * region frees that look for no claim are not told: they race with this as they do with each other.
 */
final class BlockResizer {
    private static final String OPERATION = "reallocate";

    private final Region region;
    private final Policy policy;
    private final CommitEngine engine;
    private final Claims claims;
    private final long ownerId;
    private final OpenIntents intents;
    private final OpenState openState;

    BlockResizer(
            Region region,
            Policy policy,
            CommitEngine engine,
            Claims claims,
            OpenIntents intents,
            OpenState openState) {
        this.region = region;
        this.policy = policy;
        this.engine = engine;
        this.claims = claims;
        this.ownerId = claims.newOwner();
        this.intents = intents;
        this.openState = openState;
    }

    /**
     * Makes a live block hold a number of bytes, if it can where it is.
     *
     * @return whether it does; if not, nothing was changed
     */
    boolean resize(long handle, long bytes) {
        long field = policy.stateField(handle);
        long value = field == StateField.NONE ? 0 : StateWords.load(region, field);
        long wanted = wantedValue(handle, value, bytes);
        if (wanted == value || wanted == 0) {
            openState.requireOpen();
            return wanted == value;
        }
        claims.enterBriefly();
        try {
            return nameAndResize(handle, field, bytes);
        } finally {
            claims.leave();
        }
    }

    private boolean nameAndResize(long handle, long field, long bytes) {
        if (!claims.claim(handle, ownerId)) {
            throw refused(handle);
        }
        try {
            if (claims.isUsedByOthers(handle, false)) {
                throw refused(handle);
            }
            return resizeNamed(handle, field, bytes);
        } finally {
            claims.release(handle, ownerId);
        }
    }

    private long wantedValue(long handle, long value, long bytes) {
        if (value == 0) {
            throw engine.notLive(OPERATION, handle);
        }
        return policy.resizedValue(handle, value, bytes);
    }

    private TransactionException refused(long handle) {
        return new TransactionException(
                "cannot reallocate block: a running transaction or another resize has named it, handle="
                        + Handles.format(handle) + " pool=" + region.name() + "; nothing was changed");
    }

    private boolean resizeNamed(long handle, long field, long bytes) {
        region.step("resize.named");
        // An intent that is still open would put the length it knows back; whoever settles it may free the block.
        if (intents.isUsed()) {
            intents.settleBlock("reallocate block", handle, 0, -1);
        }
        long value = StateWords.loadNamed(region, field);
        long wanted = wantedValue(handle, value, bytes);
        if (wanted == value || wanted == 0) {
            return wanted == value;
        }
        if (policy.usableBytes(handle, wanted) < policy.usableBytes(handle, value)) {
            shrink(handle, field, value, wanted);
            return true;
        }
        return grow(handle, field, value, wanted);
    }

    private boolean grow(long handle, long field, long value, long larger) {
        if (!policy.reserveTail(handle, value, larger)) {
            return false;
        }
        region.step("resize.tail-reserved");
        if (!change(field, value, larger)) {
            policy.releaseTail(handle, larger, value);
            throw engine.notLive(OPERATION, handle);
        }
        region.writeBackAndFence(PoolPoints.REALLOCATE_GROWN, StateField.wordOffset(field));
        openState.requireOpen();
        return true;
    }

    private void shrink(long handle, long field, long value, long smaller) {
        if (!change(field, value, smaller)) {
            throw engine.notLive(OPERATION, handle);
        }
        region.writeBackAndFence(PoolPoints.REALLOCATE_SHRUNK, StateField.wordOffset(field));
        openState.requireOpen();
        if (intents.isUsed()) {
            long usableBytes = policy.usableBytes(handle, smaller);
            long endBytes = policy.usableBytes(handle, value) - usableBytes;
            intents.settleWordsBeforeReuse(handle + usableBytes, endBytes, -1);
        }
        policy.releaseTail(handle, value, smaller);
    }

    // A free that is being refused shows the field as 0 for a moment, see Claims.
    private boolean change(long field, long value, long newValue) {
        return StateWords.change(region, field, value, newValue) == value
                || (StateWords.loadNamed(region, field) == value
                        && StateWords.change(region, field, value, newValue) == value);
    }
}
