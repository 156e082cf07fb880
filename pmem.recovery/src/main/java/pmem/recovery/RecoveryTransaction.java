package pmem.recovery;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import pmem.api.Handles;
import pmem.api.PoolCorruptedException;
import pmem.api.PoolIoException;
import pmem.api.Transaction;
import pmem.api.TransactionException;
import pmem.recovery.Reservations.Reservation;
import pmem.recovery.TransactionChanges.Kind;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * Collects the changes of one transaction and commits them through the undo log.
 *
 * <p>Allocations, frees and set words are buffered until commit. Snapshotted ranges are changed in place by the application,
 * so their old values are on media before {@link #snapshot} returns; only for them an abort has to touch media.
 */
final class RecoveryTransaction implements Transaction {
    private static final int NO_LANE = -1;

    private final Region region;
    private final Policy policy;
    private final CommitEngine engine;
    private final Reservations reservations;
    private final UndoLog log;
    private final OpenIntents intents;
    private final OpenState openState;
    private final TransactionClaims claims;
    private final long ownerId;
    private final TransactionChanges changes = new TransactionChanges();
    private final Snapshots snapshots;
    private int lane = NO_LANE;
    private boolean laneGiven;
    private boolean previousOpen;
    private boolean fenced;
    private boolean doomed;
    private boolean ended;

    RecoveryTransaction(
            Region region,
            Policy policy,
            CommitEngine engine,
            Reservations reservations,
            Claims claims,
            UndoLog log,
            OpenIntents intents,
            OpenState openState) {
        this.region = region;
        this.policy = policy;
        this.engine = engine;
        this.reservations = reservations;
        this.log = log;
        this.intents = intents;
        this.openState = openState;
        this.ownerId = claims.newOwner();
        this.claims = new TransactionClaims(claims, ownerId);
        this.snapshots = new Snapshots(region, log);
    }

    @Override
    public long allocate(long bytes) {
        requireRoom(1);
        long handle = engine.reserve(engine.shared(), bytes, ownerId);
        try {
            // Until the entries are retired a rollback may clear the field, so nobody else may free the block before.
            claims.claimBlock(handle);
        } catch (TransactionException named) {
            engine.cancel(handle, reservations.find(handle));
            throw named;
        }
        changes.addAllocate(policy.stateField(handle), reservations.valueOf(handle), handle, bytes);
        return handle;
    }

    @Override
    public void free(long handle) {
        requireRunning();
        if (reservations.isOf(handle, ownerId)) {
            Reservation reservation = reservations.find(handle);
            changes.removeOf(handle);
            claims.releaseOf(handle, reservation.usableBytes());
            engine.cancel(handle, reservation);
            return;
        }
        requireRoom(1);
        long field = policy.stateField(handle);
        if (field == StateField.NONE) {
            throw engine.notLive("free", handle);
        }
        changes.add(Kind.FREE, field, claimLive(handle, field), 0, handle);
    }

    /** Claims a live block; returns its state. */
    private long claimLive(long handle, long field) {
        do {
            claims.claimBlock(handle);
            long value = StateWords.loadNamed(region, field);
            if (value != 0) {
                intents.settleBlock("free block", handle, policy.usableBytes(handle, value), NO_LANE);
            }
            // Again: an operation that was settled may have freed it.
            if (value != 0 && StateWords.loadNamed(region, field) == value) {
                return value;
            }
            region.step("tx.found-free");
            claims.release(handle);
            // A free that was refused for this claim puts the state back and then looks for the claim again: one of the
            // two goes on. pairs with: CommitEngine.clearAllocated
            VarHandle.fullFence();
        } while (StateWords.load(region, field) != 0);
        throw engine.notLive("free", handle);
    }

    @Override
    public void set(long handle, long offset, long value) {
        requireRunning();
        boolean own = requireUsable("set a word of", handle);
        CommitEngine.requireWordInside("the word to set", handle, engine.usableBytes(handle), offset);
        long field = StateField.of(handle + offset, 0, Long.SIZE);
        int index = changes.indexOfSet(field);
        if (index >= 0) {
            changes.setNewValue(index, value);
            return;
        }
        requireRoom(1);
        claimWords(handle, own, handle + offset, handle + offset + Long.BYTES);
        changes.add(Kind.SET, field, 0, value, handle);
    }

    @Override
    public void snapshot(long handle, long offset, long bytes) {
        requireRunning();
        boolean own = requireUsable("snapshot", handle);
        Objects.checkFromIndexSize(offset, bytes, engine.usableBytes(handle));
        long from = handle + offset & -Long.BYTES;
        long end = (handle + offset + bytes + Long.BYTES - 1) & -Long.BYTES;
        // A block allocated here vanishes with an abort, and nobody else sees it before the commit.
        if (own || bytes == 0) {
            return;
        }
        int entries = snapshots.entriesFor(from, end);
        requireRoom(entries);
        claimWords(handle, false, from, end);
        if (entries > 0) {
            begin();
            snapshots.write(lane, from, end);
            fence(PoolPoints.LOG_SNAPSHOT);
        }
    }

    private void claimWords(long handle, boolean own, long from, long end) {
        if (!own) {
            claims.useBlock(handle);
        }
        for (long word = from; word < end; word += Long.BYTES) {
            claims.claimWord(word, handle);
        }
        intents.settleWords("change words of a block", from, end - from, NO_LANE);
        // Again: only from the claim on is a free refused.
        if (!own && !engine.isLive(handle)) {
            throw engine.notLive("change words of", handle);
        }
    }

    /** Whether the block is one this transaction allocated; if not, it must be live. */
    private boolean requireUsable(String operation, long handle) {
        if (reservations.isOf(handle, ownerId)) {
            return true;
        }
        if (!engine.isLive(handle)) {
            throw engine.notLive(operation, handle);
        }
        return false;
    }

    @Override
    public MemorySegment segment(long handle) {
        requireRunning();
        return region.slice(handle, engine.usableBytes(handle));
    }

    /** Lets the commit fail: a nested body has thrown. */
    void doom() {
        doomed = true;
    }

    /** Makes all changes, atomically and durably. */
    void commit() {
        requireRunning();
        if (doomed) {
            abort();
            throw new TransactionException(
                    "the transaction was undone: a body nested in it ended with an exception, so its"
                            + " changes could not be kept; let the exception pass, or do what may fail outside");
        }
        if (changes.count() > 0 || lane != NO_LANE) {
            begin();
            if (writeEntries() > 0) {
                fence(PoolPoints.LOG_ENTRIES);
            }
            makeChanges();
            snapshots.writeBack(PoolPoints.LOG_CHANGES);
            region.fence(PoolPoints.LOG_CHANGES);
            retire();
        }
        end();
        releaseFreed();
    }

    /** Puts snapshotted words back and gives back what is volatile; of the buffered changes media has seen nothing. */
    void abort() {
        if (lane != NO_LANE) {
            snapshots.restore();
            snapshots.writeBack(PoolPoints.LOG_UNDONE);
            fence(PoolPoints.LOG_UNDONE);
            retire();
        }
        end();
        for (int i = 0; i < changes.count(); i++) {
            if (changes.kind(i) == Kind.ALLOCATE) {
                engine.cancel(changes.handle(i), reservations.find(changes.handle(i)));
            }
        }
    }

    private void begin() {
        if (lane == NO_LANE) {
            lane = log.takeLane();
            previousOpen = intents.begin(lane, 0, Handles.NONE, Handles.NONE);
        }
    }

    private void fence(PersistPoint point) {
        try {
            if (!fenced && previousOpen) {
                log.writeBackHeader(lane, PoolPoints.LINK_SETTLED);
            }
            region.fence(point);
        } catch (PoolIoException failure) {
            log.giveUpLane(openState.isClosed());
            throw failure;
        }
        if (!fenced) {
            intents.firstFenceDone(lane);
            fenced = true;
        }
    }

    private void retire() {
        log.retire(lane, PoolPoints.LOG_RETIRED);
        intents.end(lane);
        log.giveLane(lane);
        laneGiven = true;
    }

    /** Stops the log if a failure has left a lane whose entries may be live: nobody may use it before the next open. */
    void leave() {
        if (lane != NO_LANE && !laneGiven) {
            log.giveUpLane(openState.isClosed());
        }
    }

    private int writeEntries() {
        int remaining = 0;
        for (int i = 0; i < changes.count(); i++) {
            remaining += isSnapshotted(i) ? 0 : 1;
        }
        int index = snapshots.entries();
        for (int i = 0; i < changes.count(); i++) {
            if (!isSnapshotted(i)) {
                remaining--;
                writeEntry(i, index++, remaining);
            }
        }
        return index - snapshots.entries();
    }

    private void writeEntry(int change, int index, int remaining) {
        long field = changes.field(change);
        long offset = StateField.wordOffset(field);
        long handle = changes.handle(change);
        if (changes.kind(change) == Kind.SET) {
            // Not an undo entry: the word's value may never have been made durable, and recovery takes a state field
            // that
            // differs from its entry for damage while other entries are missing.
            log.writeSnapshot(PoolPoints.LOG_ENTRIES, lane, index, remaining, offset, 1);
            return;
        }
        if (changes.kind(change) == Kind.ALLOCATE) {
            // The content is to be there when the block is; the same fence completes it.
            region.writeBack(PoolPoints.LOG_ENTRIES, handle, changes.contentBytes(change));
        }
        long oldBits = changes.oldValue(change) << StateField.shift(field);
        log.writeUndo(lane, index, remaining, offset, StateField.mask(field), oldBits);
    }

    private boolean isSnapshotted(int change) {
        return changes.kind(change) == Kind.SET && snapshots.covers(StateField.wordOffset(changes.field(change)));
    }

    // All stores before the first write-back: a locked instruction behind a write-back waits for media as a fence does.
    private void makeChanges() {
        for (int i = 0; i < changes.count(); i++) {
            if (changes.kind(i) == Kind.SET) {
                region.storeRelease(StateField.wordOffset(changes.field(i)), changes.newValue(i));
            } else {
                changeState(i);
            }
        }
        ChangedLines lines = new ChangedLines(region::writeBack, PoolPoints.LOG_CHANGES);
        for (int i = 0; i < changes.count(); i++) {
            lines.add(StateField.wordOffset(changes.field(i)));
        }
    }

    private void changeState(int index) {
        long expected = changes.oldValue(index);
        long value = changes.newValue(index);
        long handle = changes.handle(index);
        long found = StateWords.changeNamed(region, changes.field(index), expected, value, openState);
        if (found != expected) {
            throw new PoolCorruptedException("a claimed state field has changed: handle=" + Handles.format(handle)
                    + ", expected 0x" + Long.toHexString(expected) + ", found=0x" + Long.toHexString(found)
                    + "; metadata was changed from outside the pool");
        }
        if (changes.kind(index) == Kind.ALLOCATE) {
            reservations.remove(handle, ownerId, value);
        }
    }

    private void releaseFreed() {
        for (int i = 0; i < changes.count(); i++) {
            if (changes.kind(i) == Kind.FREE) {
                long handle = changes.handle(i);
                long value = changes.oldValue(i);
                intents.settleWordsBeforeReuse(handle, policy.usableBytes(handle, value), NO_LANE);
                policy.release(handle, value);
            }
        }
    }

    // Claims go before any space: once given back, it may become another block with the same handle.
    private void end() {
        ended = true;
        claims.releaseAll();
        region.step("transaction.claims-released");
    }

    private void requireRunning() {
        if (ended) {
            throw new TransactionException("the transaction has ended: use it only inside the body it was given to");
        }
    }

    private void requireRoom(int entries) {
        requireRunning();
        int used = snapshots.entries() + changes.count();
        if (entries > log.entriesMax() - used) {
            throw new TransactionException("the transaction does not fit its log lane: expected at most "
                    + log.entriesMax() + " changes (" + UndoLogLayout.ENTRY_WORDS
                    + " snapshotted words count as one), found="
                    + (used + (long) entries)
                    + "; create the pool with a larger PoolOptions.laneEntries, or split the transaction");
        }
    }
}
