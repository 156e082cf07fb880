package pmem.recovery;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.PoolCorruptedException;
import pmem.api.Transaction;
import pmem.api.TransactionException;
import pmem.recovery.Reservations.Reservation;
import pmem.spi.Policy;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * Collects the changes of one transaction and commits them through the undo log.
 *
 * <p>Nothing is changed on media before commit, so an abort only gives back what is volatile: reservations and claims.
 */
final class RecoveryTransaction implements Transaction, Reservations.Owner {
    private static final int FIRST_ROOM = 8;

    private final Region region;
    private final Policy policy;
    private final CommitEngine engine;
    private final Reservations reservations;
    private final Claims claims;
    private final UndoLog log;

    // One change per index: the field, its value now and then, and the block it belongs to.
    private Kind[] kinds = new Kind[FIRST_ROOM];
    private long[] fields = new long[FIRST_ROOM];
    private long[] oldValues = new long[FIRST_ROOM];
    private long[] newValues = new long[FIRST_ROOM];
    private long[] handles = new long[FIRST_ROOM];
    private int count;
    private boolean entered;
    private boolean ended;

    private enum Kind {
        ALLOCATE,
        FREE,
        SET
    }

    RecoveryTransaction(
            Region region, Policy policy, CommitEngine engine, Reservations reservations, Claims claims, UndoLog log) {
        this.region = region;
        this.policy = policy;
        this.engine = engine;
        this.reservations = reservations;
        this.claims = claims;
        this.log = log;
    }

    @Override
    public long allocate(long bytes) {
        requireRoom();
        long handle = engine.reserve(bytes, this);
        Reservation reservation = reservations.find(handle);
        // Until the entries are retired a rollback may clear the field, so nobody else may free the block before.
        claim(handle, handle);
        add(Kind.ALLOCATE, reservation.field(), 0, reservation.value(), handle);
        return handle;
    }

    @Override
    public void free(long handle) {
        requireRunning();
        Reservation reservation = reservations.find(handle);
        if (reservation.owner().equals(this)) {
            cancelOwn(handle, reservation);
            return;
        }
        requireRoom();
        long field = policy.stateField(handle);
        if (field == StateField.NONE) {
            throw engine.notLive("free", handle);
        }
        claim(handle, handle);
        long value = StateWords.load(region, field);
        if (value == 0) {
            claims.release(handle);
            throw engine.notLive("free", handle);
        }
        add(Kind.FREE, field, value, 0, handle);
    }

    private void cancelOwn(long handle, Reservation reservation) {
        for (int i = count - 1; i >= 0; i--) {
            if (handles[i] == handle) {
                claims.release(claimAt(i));
                remove(i);
            }
        }
        engine.cancel(handle, reservation);
    }

    @Override
    public void set(long handle, long offset, long value) {
        requireRunning();
        if (!reservations.find(handle).owner().equals(this) && !engine.isLive(handle)) {
            throw engine.notLive("set a word of", handle);
        }
        long usableBytes = engine.usableBytes(handle);
        if (offset % Long.BYTES != 0 || offset < 0 || offset > usableBytes - Long.BYTES) {
            throw new IllegalArgumentException(
                    "the word to set is not inside the block: handle=" + Handles.format(handle) + " usableBytes="
                            + usableBytes + ", expected an offset that is a multiple of 8, found=" + offset);
        }
        long field = StateField.of(handle + offset, 0, Long.SIZE);
        int index = indexOfSet(field);
        if (index >= 0) {
            newValues[index] = value;
            return;
        }
        requireRoom();
        claim(wordClaim(field), handle);
        add(Kind.SET, field, 0, value, handle);
    }

    @Override
    public MemorySegment segment(long handle) {
        requireRunning();
        return region.slice(handle, engine.usableBytes(handle));
    }

    /** Makes all changes, atomically and durably. */
    void commit() {
        requireRunning();
        if (count > 0) {
            int lane = log.takeLane();
            writeEntries(lane);
            region.fence(PoolPoints.LOG_ENTRIES);
            makeChanges();
            region.fence(PoolPoints.LOG_CHANGES);
            log.retire(lane);
            // Only a lane whose entries are retired may be used again: after a failure above it stays taken.
            log.giveLane(lane);
            releaseFreed();
        }
        end();
    }

    /** Gives back what is volatile; media has seen nothing. */
    void abort() {
        for (int i = 0; i < count; i++) {
            if (kinds[i] == Kind.ALLOCATE) {
                engine.cancel(handles[i], reservations.find(handles[i]));
            }
        }
        end();
    }

    private void writeEntries(int lane) {
        for (int i = 0; i < count; i++) {
            long offset = StateField.wordOffset(fields[i]);
            if (kinds[i] == Kind.SET) {
                oldValues[i] = region.loadAcquire(offset);
            } else if (kinds[i] == Kind.ALLOCATE) {
                // The content is to be there when the block is; the same fence completes it.
                region.writeBack(
                        PoolPoints.LOG_ENTRIES,
                        handles[i],
                        reservations.find(handles[i]).bytes());
            }
            long oldBits = oldValues[i] << StateField.shift(fields[i]);
            log.writeEntry(lane, i, count, offset, StateField.mask(fields[i]), oldBits);
        }
    }

    private void makeChanges() {
        for (int i = 0; i < count; i++) {
            long offset = StateField.wordOffset(fields[i]);
            if (kinds[i] == Kind.SET) {
                region.storeRelease(offset, newValues[i]);
            } else {
                changeState(i);
            }
            region.writeBack(PoolPoints.LOG_CHANGES, offset, Long.BYTES);
        }
    }

    private void changeState(int index) {
        long expected = oldValues[index];
        long found = StateWords.change(region, fields[index], expected, newValues[index]);
        while (found == 0 && expected != 0) {
            // A free that is being refused shows the field as 0 for a moment; see Claims.
            Thread.onSpinWait();
            found = StateWords.change(region, fields[index], expected, newValues[index]);
        }
        if (found != expected) {
            throw new PoolCorruptedException(
                    "a claimed state field has changed: handle=" + Handles.format(handles[index])
                            + ", expected 0x" + Long.toHexString(expected) + ", found=0x" + Long.toHexString(found)
                            + "; metadata was changed from outside the pool");
        }
        if (kinds[index] == Kind.ALLOCATE) {
            reservations.remove(handles[index], reservations.find(handles[index]));
        }
    }

    private void releaseFreed() {
        for (int i = 0; i < count; i++) {
            if (kinds[i] == Kind.FREE) {
                // The claim goes first: once released, the space may become another block with the same handle.
                claims.release(handles[i]);
                region.step("transaction.claim-released");
                policy.release(handles[i], oldValues[i]);
            }
        }
    }

    private void end() {
        ended = true;
        for (int i = 0; i < count; i++) {
            if (claims.isClaimedBy(claimAt(i), this)) {
                claims.release(claimAt(i));
            }
        }
        if (entered) {
            claims.leave();
        }
    }

    private long claimAt(int index) {
        return kinds[index] == Kind.SET ? wordClaim(fields[index]) : handles[index];
    }

    // Block claims are handles, which are even; word claims are odd.
    private static long wordClaim(long field) {
        return StateField.wordOffset(field) | 1;
    }

    private void claim(long offset, long handle) {
        if (!entered) {
            claims.enter();
            entered = true;
        }
        if (claims.claim(offset, this)) {
            return;
        }
        if (claims.isClaimedBy(offset, this)) {
            throw new InvalidHandleException(
                    "the block is already freed in this transaction: handle=" + Handles.format(handle));
        }
        throw new TransactionException(
                "a block or word is named by another transaction: handle=" + Handles.format(handle)
                        + " offset=0x" + Long.toHexString(offset & -Long.BYTES)
                        + "; this transaction was undone, run it again after the other has ended");
    }

    private int indexOfSet(long field) {
        for (int i = 0; i < count; i++) {
            if (kinds[i] == Kind.SET && fields[i] == field) {
                return i;
            }
        }
        return -1;
    }

    private void requireRunning() {
        if (ended) {
            throw new TransactionException("the transaction has ended: use it only inside the body it was given to");
        }
    }

    private void requireRoom() {
        requireRunning();
        if (count == log.entriesMax()) {
            throw new TransactionException(
                    "the transaction does not fit its log lane: expected at most " + log.entriesMax()
                            + " changes; create the pool with a larger PoolOptions.laneEntries, or split the transaction");
        }
    }

    private void add(Kind kind, long field, long oldValue, long newValue, long handle) {
        if (count == fields.length) {
            int room = 2 * count;
            kinds = Arrays.copyOf(kinds, room);
            fields = Arrays.copyOf(fields, room);
            oldValues = Arrays.copyOf(oldValues, room);
            newValues = Arrays.copyOf(newValues, room);
            handles = Arrays.copyOf(handles, room);
        }
        kinds[count] = Objects.requireNonNull(kind);
        fields[count] = field;
        oldValues[count] = oldValue;
        newValues[count] = newValue;
        handles[count] = handle;
        count++;
    }

    private void remove(int index) {
        int moved = count - index - 1;
        System.arraycopy(kinds, index + 1, kinds, index, moved);
        System.arraycopy(fields, index + 1, fields, index, moved);
        System.arraycopy(oldValues, index + 1, oldValues, index, moved);
        System.arraycopy(newValues, index + 1, newValues, index, moved);
        System.arraycopy(handles, index + 1, handles, index, moved);
        count--;
    }
}
