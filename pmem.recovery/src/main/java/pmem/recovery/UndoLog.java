package pmem.recovery;

import pmem.api.PoolIoException;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/**
 * The persistent undo log in use: hands out lanes and writes entries.
 *
 * <p>An operation takes a lane, writes one or more groups of entries, fencing each before what it covers is changed, changes
 * the words, fences, and retires the entries by advancing the lane's sequence. Entries validate themselves by sequence and
 * checksum, so nothing is ever cleared. A lane belongs to one operation at a time; which one, is volatile.
 */
final class UndoLog {
    /** How far the sequence of an entry can be ahead of its lane's header on media. */
    static final int ENTRIES_AHEAD_MAX = 2;

    private static final int HINTS = 64;

    private final Region region;
    private final PoolGeometry geometry;
    private final SpinLocks lanesTaken;
    // The lane that a thread had last, by its number: mostly it is free and its lines are in the thread's cache. Only a
    // hint.
    private final int[] lastLanes = new int[HINTS];
    private final long[] sequences;
    private volatile boolean stopped;
    private volatile boolean failed;

    /** Takes over a log that {@link UndoLogRecovery} has emptied. */
    UndoLog(Region region, PoolGeometry geometry) {
        this.region = region;
        this.geometry = geometry;
        this.lanesTaken = new SpinLocks(geometry.lanes());
        this.sequences = new long[geometry.lanes()];
        for (int lane = 0; lane < sequences.length; lane++) {
            sequences[lane] =
                    UndoLogLayout.sequence(region.loadPlain(geometry.laneOffset(lane) + UndoLogLayout.SEQUENCE_OFFSET));
        }
    }

    /** Most entries one operation can write. */
    int entriesMax() {
        return geometry.laneEntries();
    }

    /** Number of lanes. */
    int lanes() {
        return geometry.lanes();
    }

    /**
     * Takes a lane, waiting while all are in use.
     *
     * @throws IllegalStateException if the log was stopped
     * @throws PoolIoException if an operation failed half-way and its lane can't be used before the next open
     */
    int takeLane() {
        int hint = (int) Thread.currentThread().threadId() & (HINTS - 1);
        int lane = lastLanes[hint];
        if (!lanesTaken.tryLock(lane)) {
            lane = takeFirstFree();
            lastLanes[hint] = lane;
        }
        if (stopped) {
            lanesTaken.unlock(lane);
            throw stopped();
        }
        return lane;
    }

    // From the first on, so that few lanes are in use: whoever looks for names looks at all that ever were.
    private int takeFirstFree() {
        for (int looks = 0; ; looks++) {
            for (int lane = 0; lane < lanesTaken.count(); lane++) {
                if (lanesTaken.tryLock(lane)) {
                    return lane;
                }
            }
            if (stopped) {
                throw stopped();
            }
            region.step("lane-awaited");
            SpinLocks.pause(looks);
        }
    }

    private IllegalStateException stopped() {
        requireSound();
        return new IllegalStateException("the undo log is stopped: pool=" + region.name());
    }

    /**
     * Returns if no operation has failed half-way.
     *
     * @throws PoolIoException if one has
     */
    void requireSound() {
        if (failed) {
            throw new PoolIoException("an earlier operation failed half-way: pool=" + region.name()
                    + "; close the pool, check the device, and open it again, which recovers it");
        }
    }

    /** Gives a lane back whose entries are retired, or were never written. */
    void giveLane(int lane) {
        lanesTaken.unlock(lane);
    }

    /** From now on nobody gets a lane, since the pool is closing. */
    void stop() {
        stopped = true;
    }

    /**
     * From now on nobody gets a lane, since one can't be given back: its entries may be live.
     *
     * @param closing whether that is because the pool is closing, and so no failure
     */
    void giveUpLane(boolean closing) {
        if (!closing) {
            failed = true;
        }
        stop();
    }

    /**
     * Stores an undo entry of the lane's next operation and starts it towards media.
     *
     * @param remaining entries of the same group that follow
     * @param target offset of the word to be changed
     * @param mask its bits to be changed
     * @param oldBits their old value, in place
     */
    void writeUndo(int lane, int index, int remaining, long target, long mask, long oldBits) {
        long offset = UndoLogLayout.entryOffset(geometry.laneOffset(lane), index);
        storeHead(offset, lane, remaining, UndoLogLayout.target(UndoLogLayout.KIND_UNDO, 2, target));
        storeWords(offset, mask, oldBits, 0, 0, 0);
        complete(PoolPoints.LOG_ENTRIES, offset, lane, index);
    }

    /** Stores an entry that holds the values of some words, at most {@link UndoLogLayout#ENTRY_WORDS}, as they are now. */
    void writeSnapshot(PersistPoint point, int lane, int index, int remaining, long target, int words) {
        long offset = UndoLogLayout.entryOffset(geometry.laneOffset(lane), index);
        storeHead(offset, lane, remaining, UndoLogLayout.target(UndoLogLayout.KIND_SNAPSHOT, words, target));
        for (int i = 0; i < UndoLogLayout.ENTRY_WORDS; i++) {
            long value = i < words ? region.loadAcquire(target + (long) i * Long.BYTES) : 0;
            region.storePlain(offset + UndoLogLayout.WORDS_OFFSET + (long) i * Long.BYTES, value);
        }
        complete(point, offset, lane, index);
    }

    /**
     * Stores the one entry of an operation that changes a slot and starts it towards media; fields are 0 where no block is
     * published or freed.
     */
    void writeIntent(
            int lane,
            long slotOffset,
            long newValue,
            long publishedField,
            long publishedValue,
            long freedField,
            long freedValue) {
        long offset = UndoLogLayout.entryOffset(geometry.laneOffset(lane), 0);
        storeHead(
                offset,
                lane,
                0,
                UndoLogLayout.target(UndoLogLayout.KIND_INTENT, UndoLogLayout.ENTRY_WORDS, slotOffset));
        storeWords(offset, newValue, publishedField, publishedValue, freedField, freedValue);
        complete(PoolPoints.LINK_INTENT, offset, lane, 0);
    }

    private void storeHead(long offset, int lane, int remaining, long target) {
        region.storePlain(
                offset + UndoLogLayout.SEQUENCE_OFFSET, UndoLogLayout.entryHead(sequences[lane] + 1, remaining));
        region.storePlain(offset + UndoLogLayout.TARGET_OFFSET, target);
    }

    private void storeWords(long offset, long first, long second, long third, long fourth, long fifth) {
        long words = offset + UndoLogLayout.WORDS_OFFSET;
        region.storePlain(words, first);
        region.storePlain(words + Long.BYTES, second);
        region.storePlain(words + 2 * Long.BYTES, third);
        region.storePlain(words + 3 * Long.BYTES, fourth);
        region.storePlain(words + 4 * Long.BYTES, fifth);
    }

    private void complete(PersistPoint point, long offset, int lane, int index) {
        region.storePlain(offset + UndoLogLayout.CHECKSUM_OFFSET, UndoLogLayout.checksum(region, offset, lane, index));
        region.writeBack(point, offset, Region.LINE_BYTES);
    }

    /** Makes the entries of the lane's operation dead, durably. */
    void retire(int lane, PersistPoint point) {
        long offset = geometry.laneOffset(lane) + UndoLogLayout.SEQUENCE_OFFSET;
        region.storeAloneAndFence(point, offset, UndoLogLayout.header(++sequences[lane], lane));
    }

    /** Makes the entries of the lane's operation dead; durable after {@link #writeBackHeader} and a fence. */
    void storeRetirement(int lane) {
        storeNextSequence(region, geometry, lane, ++sequences[lane]);
    }

    /** Starts the lane's header towards media. */
    void writeBackHeader(int lane, PersistPoint point) {
        region.writeBack(point, geometry.laneOffset(lane), Long.BYTES);
    }

    /**
     * Makes whatever a crash can have left in a lane dead; the caller writes the header back. The header on media may be one
     * retirement behind, when the last operation was left open, and then entries of the operation after it may be there: by one
     * step they would come to life.
     */
    static void storeRetirementAfterCrash(Region region, PoolGeometry geometry, int lane) {
        long header = region.loadPlain(geometry.laneOffset(lane) + UndoLogLayout.SEQUENCE_OFFSET);
        storeNextSequence(region, geometry, lane, UndoLogLayout.sequence(header) + ENTRIES_AHEAD_MAX);
    }

    /** Stores a lane's header for a sequence; the caller writes it back. */
    static void storeNextSequence(Region region, PoolGeometry geometry, int lane, long sequence) {
        region.storeRelease(
                geometry.laneOffset(lane) + UndoLogLayout.SEQUENCE_OFFSET, UndoLogLayout.header(sequence, lane));
    }
}
