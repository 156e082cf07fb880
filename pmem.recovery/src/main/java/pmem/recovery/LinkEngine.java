package pmem.recovery;

import java.lang.invoke.VarHandle;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.PoolCorruptedException;
import pmem.api.TransactionException;
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
    private static final int STRIPE_BITS = 6;
    /** No block is to be published; {@link Handles#NONE} stands for one that can't be. */
    static final long NOTHING = -1;

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
    private final SpinLocks stripes = new SpinLocks(1 << STRIPE_BITS);
    // One for each lane, used by who has it.
    private final Change[] changes;

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
        changes = new Change[geometry.lanes()];
        for (int lane = 0; lane < changes.length; lane++) {
            changes[lane] = new Change(lane);
        }
    }

    /** Sets a root without regard to the blocks it names, durably. */
    void setRoot(long offset, long handle) {
        int stripe = lock(offset);
        try {
            intents.settleWords("set root", offset, Long.BYTES, -1);
            region.storeRelease(offset, handle);
            region.writeBackAndFence(PoolPoints.ROOT_HANDLE, offset);
        } finally {
            stripes.unlock(stripe);
        }
    }

    private int lock(long slotOffset) {
        int stripe = SpinLocks.indexOf(slotOffset, STRIPE_BITS);
        for (int looks = 0; !stripes.tryLock(stripe); looks++) {
            region.step("slot-awaited");
            SpinLocks.pause(looks);
        }
        return stripe;
    }

    /** Offset of a word inside a live block. */
    long wordOf(long handle, long offset) {
        CommitEngine.requireWordInside("the slot", handle, engine.liveBytes("take a slot of", handle), offset);
        return handle + offset;
    }

    /** The slot's value now. */
    long load(long slot) {
        return region.loadAcquire(requireSlot(slot));
    }

    /**
     * Changes a slot from one value to another if it has the expected one.
     *
     * @param published a block reserved through the pool that becomes allocated, or {@link #NOTHING}
     * @param freesExpected whether the expected value names a live block that becomes free
     * @return whether the slot had the expected value; if not, nothing was changed
     */
    boolean change(long slot, long expected, long newValue, long published, boolean freesExpected) {
        long offset = requireSlot(slot);
        if (expected == newValue) {
            throw new IllegalArgumentException("the slot would not change: expected value and new value are both "
                    + Handles.format(newValue) + "; slot=0x" + Long.toHexString(offset));
        }
        Outcome outcome = tryChange(slot, offset, expected, newValue, published, freesExpected);
        while (outcome == Outcome.FREED_GONE && isLiveAgain(expected)) {
            outcome = tryChange(slot, offset, expected, newValue, published, freesExpected);
        }
        if (outcome == Outcome.FREED_GONE) {
            throw engine.notLive("free", expected);
        }
        return outcome == Outcome.CHANGED;
    }

    /** What came of a try. */
    private enum Outcome {
        CHANGED,
        /** The slot has another value than expected. */
        OTHER_VALUE,
        /** The block to be freed is not live, or a free of it is under way. */
        FREED_GONE
    }

    // A free that was refused for the names of this operation puts the state back and then looks for the names again:
    // one of
    // the two goes on. pairs with: CommitEngine.settleCleared
    private boolean isLiveAgain(long handle) {
        VarHandle.fullFence();
        return engine.isLive(handle);
    }

    private Outcome tryChange(
            long slot, long offset, long expected, long newValue, long published, boolean freesExpected) {
        // A lane before the lock: whoever has the lock of a slot waits for nobody.
        int lane = log.takeLane();
        int stripe = lock(offset);
        boolean laneGiven = false;
        try {
            Change change = changes[lane];
            change.start(offset, Slots.isLink(slot), expected, newValue, freesExpected);
            Outcome outcome = begin(change, published);
            if (outcome == Outcome.CHANGED) {
                commit(change);
            } else {
                abandon(change);
            }
            log.giveLane(lane);
            laneGiven = true;
            openState.requireOpen();
            return outcome;
        } catch (InvalidHandleException | TransactionException refused) {
            log.giveLane(lane);
            laneGiven = true;
            throw refused;
        } finally {
            stripes.unlock(stripe);
            if (!laneGiven) {
                log.giveUpLane(openState.isClosed());
            }
        }
    }

    /** One change of a slot, and what it needs to know about the blocks. */
    private static final class Change {
        private final int lane;
        // What the reservation of the published block said, see Reservations.
        private final long[] reserved = new long[LongTable.NUMBERS];
        private long slot;
        private boolean link;
        private long expected;
        private long newValue;
        private boolean frees;
        private long published = NOTHING;
        private long publishedField = StateField.NONE;
        private long freedField = StateField.NONE;
        private long freedValue;
        private boolean named;
        private boolean previousOpen;

        Change(int lane) {
            this.lane = lane;
        }

        /** Another change begins, of which nothing is known of blocks. */
        void start(long slotOffset, boolean isLink, long expectedValue, long value, boolean freesExpected) {
            slot = slotOffset;
            link = isLink;
            expected = expectedValue;
            newValue = value;
            frees = freesExpected;
            published = NOTHING;
            publishedField = StateField.NONE;
            reserved[Reservations.VALUE] = 0;
            freedField = StateField.NONE;
            freedValue = 0;
            named = false;
            previousOpen = false;
        }

        boolean publishes() {
            return published != NOTHING;
        }

        /** What makes the published block allocated. */
        long publishedValue() {
            return reserved[Reservations.VALUE];
        }

        /** Bytes of the published block that were asked for. */
        long publishedBytes() {
            return reserved[Reservations.BYTES];
        }
    }

    /** Names everything, and then looks whether it is as expected and nobody else's; if so it is to be changed. */
    private Outcome begin(Change change, long published) {
        if (region.loadAcquire(change.slot) != change.expected) {
            return Outcome.OTHER_VALUE;
        }
        if (published != NOTHING) {
            takeReserved(change, published);
        }
        change.previousOpen = intents.begin(
                change.lane,
                change.slot,
                published == NOTHING ? Handles.NONE : published,
                change.frees ? change.expected : Handles.NONE);
        change.named = true;
        try {
            if (change.frees && !lookAtFreed(change)) {
                return Outcome.FREED_GONE;
            }
            requireUnclaimed(change.slot, change.frees ? change.expected : NOTHING);
            if (!settleOthers(change)) {
                return Outcome.FREED_GONE;
            }
            // Again: a transaction may have changed the slot before it could see the names.
            return region.loadAcquire(change.slot) == change.expected ? Outcome.CHANGED : Outcome.OTHER_VALUE;
        } catch (InvalidHandleException | TransactionException refused) {
            abandon(change);
            throw refused;
        }
    }

    private void takeReserved(Change change, long published) {
        if (!reservations.take(published, change.reserved)) {
            throw engine.notReserved("publish", published);
        }
        change.publishedField = policy.stateField(published);
        change.published = published;
    }

    // No locked instruction between the first write-back and the fence: one waits for media as a fence does.
    private void commit(Change change) {
        writeBackPrevious(change);
        if (change.publishes()) {
            region.writeBack(PoolPoints.LINK_INTENT, change.published, change.publishedBytes());
        }
        log.writeIntent(
                change.lane,
                change.slot,
                change.newValue,
                change.publishedField,
                change.publishedValue(),
                change.freedField,
                change.freedValue);
        region.fence(PoolPoints.LINK_INTENT);
        intents.firstFenceDone(change.lane);
        makeChanges(change);
        writeBackChanges(change);
        region.fence(PoolPoints.LINK_CHANGES);
        finish(change);
    }

    private void writeBackPrevious(Change change) {
        if (change.previousOpen) {
            log.writeBackHeader(change.lane, PoolPoints.LINK_SETTLED);
        }
    }

    /** Notes the state of the block to be freed; says whether it is live. */
    private boolean lookAtFreed(Change change) {
        long handle = change.expected;
        change.freedField = policy.stateField(handle);
        change.freedValue = change.freedField == StateField.NONE ? 0 : StateWords.loadNamed(region, change.freedField);
        if (change.freedValue == 0) {
            return false;
        }
        intents.setFreedValue(change.lane, change.freedValue, policy.usableBytes(handle, change.freedValue));
        region.step("link.freed-named");
        return true;
    }

    private void requireUnclaimed(long slot, long freed) {
        if (claims.isClaimed(Claims.ofWord(slot)) || (freed != NOTHING && claims.isClaimed(freed))) {
            throw new TransactionException(
                    "cannot change slot: a running transaction has named it or the block to be freed,"
                            + " slot=0x" + Long.toHexString(slot) + " freed=" + Handles.format(freed) + " pool="
                            + region.name() + "; nothing was changed");
        }
    }

    /** Settles what has named the slot or the block to be freed; says whether that is still live. */
    private boolean settleOthers(Change change) {
        intents.settleWords("change slot", change.slot, Long.BYTES, change.lane);
        if (!change.frees) {
            return true;
        }
        long handle = change.expected;
        intents.settleBlock("free block", handle, policy.usableBytes(handle, change.freedValue), change.lane);
        // Again: an operation that was settled may have freed it.
        return StateWords.loadNamed(region, change.freedField) == change.freedValue;
    }

    private void abandon(Change change) {
        if (change.named) {
            // Once its names are gone nobody would settle the lane's operation before.
            writeBackPrevious(change);
            region.fence(PoolPoints.LINK_SETTLED);
            intents.firstFenceDone(change.lane);
            intents.end(change.lane);
        }
        if (change.publishes()) {
            reservations.putBack(change.published, change.publishedValue(), change.publishedBytes());
        }
    }

    // State before link: whoever follows the link finds a live block.
    private void makeChanges(Change change) {
        if (change.publishes()) {
            changeState(change.published, change.publishedField, 0, change.publishedValue());
        }
        region.storeRelease(change.slot, change.newValue);
        if (change.frees) {
            changeState(change.expected, change.freedField, change.freedValue, 0);
        }
    }

    // The intent decides for all of them, so they reach media in any order.
    private void writeBackChanges(Change change) {
        if (change.publishes()) {
            writeBackWord(StateField.wordOffset(change.publishedField));
        }
        writeBackWord(change.slot);
        if (change.frees) {
            writeBackWord(StateField.wordOffset(change.freedField));
        }
    }

    private void writeBackWord(long offset) {
        region.writeBack(PoolPoints.LINK_CHANGES, offset, Long.BYTES);
    }

    private void changeState(long handle, long field, long expected, long value) {
        long found = StateWords.changeNamed(region, field, expected, value, openState);
        if (found != expected) {
            throw new PoolCorruptedException("a state field named by an intent has changed: handle="
                    + Handles.format(handle) + ", expected 0x" + Long.toHexString(expected) + ", found=0x"
                    + Long.toHexString(found) + " pool=" + region.name()
                    + "; metadata was changed from outside the pool");
        }
    }

    private void finish(Change change) {
        long usableBytes = change.frees ? policy.usableBytes(change.expected, change.freedValue) : 0;
        if (change.frees) {
            intents.settleWordsBeforeReuse(change.expected, usableBytes, change.lane);
        }
        if (change.link) {
            log.storeRetirement(change.lane);
            intents.leaveOpen(change.lane);
            return;
        }
        log.retire(change.lane, PoolPoints.LINK_RETIRED);
        intents.end(change.lane);
        if (change.frees) {
            policy.release(change.expected, change.freedValue);
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
