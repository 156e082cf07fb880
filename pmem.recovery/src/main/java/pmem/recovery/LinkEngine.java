package pmem.recovery;

import java.util.concurrent.locks.ReentrantLock;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.PoolCorruptedException;
import pmem.api.TransactionException;
import pmem.recovery.Reservations.Reservation;
import pmem.spi.Policy;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * Changes one slot together with the states of the block it comes to name and of the block it ceases to name: no crash leaves
 * a link without its block or a block without its link.
 *
 * <p>The lane gets one intent, fenced with the new block's content; then state fields and slot change, fenced; then the
 * intent is retired. For an ordinary slot the retirement is fenced before the call returns: 3 fences. A link is changed
 * by this class and {@link RootTable} alone, so its retirement may wait for the lane's next fence: 2 fences; {@link
 * OpenIntents} says who has to wait for it.
 */
final class LinkEngine {
    private static final int STRIPES = 64;
    // No block is to be freed; Handles.NONE stands for one that can't be.
    private static final long NOTHING = -1;

    private final Region region;
    private final PoolGeometry geometry;
    private final Policy policy;
    private final CommitEngine engine;
    private final Reservations reservations;
    private final Claims claims;
    private final UndoLog log;
    private final OpenIntents intents;
    private final OpenState openState;
    // Operations on one slot are serial from before the intent until its retirement is stored: a second intent for the
    // slot would be decided by the value the first one left.
    private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

    LinkEngine(
            Region region,
            PoolGeometry geometry,
            Policy policy,
            CommitEngine engine,
            Reservations reservations,
            Claims claims,
            UndoLog log,
            OpenIntents intents,
            OpenState openState) {
        this.region = region;
        this.geometry = geometry;
        this.policy = policy;
        this.engine = engine;
        this.reservations = reservations;
        this.claims = claims;
        this.log = log;
        this.intents = intents;
        this.openState = openState;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new ReentrantLock();
        }
    }

    /** Sets a root without regard to the blocks it names, durably. */
    void setRoot(long offset, long handle) {
        ReentrantLock lock = lockOf(offset);
        lock.lock();
        try {
            intents.settleNamed("set root", offset, Long.BYTES, -1);
            region.storeRelease(offset, handle);
            region.writeBackAndFence(PoolPoints.ROOT_HANDLE, offset);
        } finally {
            lock.unlock();
        }
    }

    private ReentrantLock lockOf(long slotOffset) {
        return stripes[(int) (slotOffset >>> 3) & (STRIPES - 1)];
    }

    /** The slot's value now. */
    long load(long slot) {
        return region.loadAcquire(requireSlot(slot));
    }

    /**
     * Changes a slot from one value to another if it has the expected one.
     *
     * @param published a block reserved through the pool that becomes allocated, or {@link Handles#NONE}
     * @param freesExpected whether the expected value names a live block that becomes free
     * @return whether the slot had the expected value; if not, nothing was changed
     */
    boolean change(long slot, long expected, long newValue, long published, boolean freesExpected) {
        long offset = requireSlot(slot);
        if (expected == newValue) {
            throw new IllegalArgumentException("the slot would not change: expected value and new value are both "
                    + Handles.format(newValue) + "; slot=0x" + Long.toHexString(offset));
        }
        ReentrantLock lock = lockOf(offset);
        lock.lock();
        try {
            if (region.loadAcquire(offset) != expected) {
                openState.requireOpen();
                return false;
            }
            Reservation reservation =
                    published == Handles.NONE ? Reservations.NONE : engine.takeReserved("publish", published);
            commit(offset, Slots.isLink(slot), newValue, published, reservation, freesExpected ? expected : NOTHING);
            openState.requireOpen();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void commit(long slot, boolean link, long newValue, long published, Reservation reservation, long freed) {
        int lane = log.takeLane();
        intents.begin(lane, slot, published);
        long freedField = freed == NOTHING ? StateField.NONE : policy.stateField(freed);
        long freedValue = 0;
        try {
            if (freed != NOTHING) {
                freedValue = nameFreed(lane, freed, freedField);
            }
            requireUnclaimed(slot, freed);
            settleOthers(lane, slot, freed, freedValue);
        } catch (InvalidHandleException | TransactionException refused) {
            abandon(lane, published, reservation);
            throw refused;
        }
        writeIntent(lane, slot, newValue, published, reservation, freedField, freedValue);
        region.fence(PoolPoints.LINK_INTENT);
        intents.firstFenceDone(lane);
        makeChanges(slot, newValue, published, reservation, freed, freedField, freedValue);
        region.fence(PoolPoints.LINK_CHANGES);
        finish(lane, link, freed, freedValue);
    }

    private long nameFreed(int lane, long freed, long freedField) {
        intents.nameFreed(lane, freed);
        long value = freedField == StateField.NONE ? 0 : StateWords.load(region, freedField);
        if (value == 0) {
            throw engine.notLive("free", freed);
        }
        intents.setFreedValue(lane, value);
        return value;
    }

    private void requireUnclaimed(long slot, long freed) {
        if (claims.isClaimed(Claims.ofWord(slot)) || (freed != NOTHING && claims.isClaimed(freed))) {
            throw new TransactionException(
                    "cannot change slot: a running transaction has named it or the block to be freed,"
                            + " slot=0x" + Long.toHexString(slot) + " freed=" + Handles.format(freed) + " pool="
                            + region.name() + "; nothing was changed");
        }
    }

    private void settleOthers(int lane, long slot, long freed, long freedValue) {
        intents.settleNamed("change slot", slot, Long.BYTES, lane);
        if (freed != NOTHING) {
            intents.settleNamed("free block", freed, policy.usableBytes(freed, freedValue), lane);
        }
    }

    // The lane's operation before may still be open, and its header written back by begin.
    private void abandon(int lane, long published, Reservation reservation) {
        region.fence(PoolPoints.LINK_SETTLED);
        intents.firstFenceDone(lane);
        intents.end(lane);
        log.giveLane(lane);
        if (published != Handles.NONE) {
            reservations.putBack(published, reservation);
        }
    }

    private void writeIntent(
            int lane,
            long slot,
            long newValue,
            long published,
            Reservation reservation,
            long freedField,
            long freedValue) {
        if (published != Handles.NONE) {
            region.writeBack(PoolPoints.LINK_INTENT, published, reservation.bytes());
        }
        log.writeIntent(lane, slot, newValue, reservation.field(), reservation.value(), freedField, freedValue);
    }

    // State before link: whoever follows the link finds a live block.
    private void makeChanges(
            long slot,
            long newValue,
            long published,
            Reservation reservation,
            long freed,
            long freedField,
            long freedValue) {
        if (published != Handles.NONE) {
            changeState(published, reservation.field(), 0, reservation.value());
        }
        region.storeRelease(slot, newValue);
        region.writeBack(PoolPoints.LINK_CHANGES, slot, Long.BYTES);
        if (freed != NOTHING) {
            changeState(freed, freedField, freedValue, 0);
        }
    }

    private void changeState(long handle, long field, long expected, long value) {
        long found = StateWords.changeNamed(region, field, expected, value);
        if (found != expected) {
            throw new PoolCorruptedException("a state field named by an intent has changed: handle="
                    + Handles.format(handle) + ", expected 0x" + Long.toHexString(expected) + ", found=0x"
                    + Long.toHexString(found) + " pool=" + region.name()
                    + "; metadata was changed from outside the pool");
        }
        region.writeBack(PoolPoints.LINK_CHANGES, StateField.wordOffset(field), Long.BYTES);
    }

    private void finish(int lane, boolean link, long freed, long freedValue) {
        if (link) {
            log.storeRetirement(lane);
            intents.leaveOpen(lane);
        } else {
            log.retire(lane, PoolPoints.LINK_RETIRED);
            intents.end(lane);
        }
        // Only a lane whose retirement is stored may be used again: after a failure above it stays taken.
        log.giveLane(lane);
        if (!link && freed != NOTHING) {
            policy.release(freed, freedValue);
        }
    }

    private long requireSlot(long slot) {
        long offset = Slots.offset(slot);
        if (!geometry.isPolicyWord(offset) && !geometry.isRootHandle(offset)) {
            throw new IllegalArgumentException("not a slot of this pool: expected a value of Pool.slot, Pool.link or"
                    + " Pool.rootSlot, found=0x" + Long.toHexString(slot) + " pool=" + region.name());
        }
        return offset;
    }
}
