package pmem.recovery;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import pmem.spi.Region;

/**
 * The persistent undo log in use: hands out lanes and writes entries.
 *
 * <p>An operation takes a lane, writes one entry for each word it is going to change (old bits included), fences, changes the
 * words, fences, and retires the entries by advancing the lane's sequence. Entries validate themselves by sequence and
 * checksum, so nothing is ever cleared. A lane belongs to one operation at a time; which one, is volatile.
 */
final class UndoLog {
    private final Region region;
    private final PoolGeometry geometry;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition laneFreed = lock.newCondition();
    // A stack, so that few lanes are in use and their lines stay in cache.
    private final int[] freeLanes;
    private int freeCount;
    private final long[] sequences;

    /** Takes over a log that {@link UndoLogRecovery} has emptied. */
    UndoLog(Region region, PoolGeometry geometry) {
        this.region = region;
        this.geometry = geometry;
        this.freeLanes = new int[geometry.lanes()];
        this.sequences = new long[geometry.lanes()];
        for (int lane = 0; lane < freeLanes.length; lane++) {
            freeLanes[freeLanes.length - 1 - lane] = lane;
            sequences[lane] =
                    UndoLogLayout.sequence(region.loadPlain(geometry.laneOffset(lane) + UndoLogLayout.SEQUENCE_OFFSET));
        }
        freeCount = freeLanes.length;
    }

    /** Most words one operation can change. */
    int entriesMax() {
        return geometry.laneEntries();
    }

    /** Takes a lane, waiting while all are in use. */
    int takeLane() {
        lock.lock();
        try {
            while (freeCount == 0) {
                laneFreed.awaitUninterruptibly();
            }
            return freeLanes[--freeCount];
        } finally {
            lock.unlock();
        }
    }

    /** Gives a lane back whose entries are retired, or were never written. */
    void giveLane(int lane) {
        lock.lock();
        try {
            freeLanes[freeCount++] = lane;
            laneFreed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Stores one entry of the lane's next operation and starts it towards media. */
    void writeEntry(int lane, int index, int count, long target, long mask, long oldBits) {
        long sequence = sequences[lane] + 1;
        long offset = UndoLogLayout.entryOffset(geometry.laneOffset(lane), index);
        region.storePlain(offset + UndoLogLayout.SEQUENCE_OFFSET, sequence);
        region.storePlain(offset + UndoLogLayout.TARGET_OFFSET, target);
        region.storePlain(offset + UndoLogLayout.MASK_OFFSET, mask);
        region.storePlain(offset + UndoLogLayout.OLD_BITS_OFFSET, oldBits);
        region.storePlain(offset + UndoLogLayout.COUNT_OFFSET, count);
        region.storePlain(
                offset + UndoLogLayout.CHECKSUM_OFFSET,
                UndoLogLayout.checksum(sequence, target, mask, oldBits, count, lane, index));
        region.writeBack(PoolPoints.LOG_ENTRIES, offset, Region.LINE_BYTES);
    }

    /** Makes the entries of the lane's operation dead, durably. */
    void retire(int lane) {
        storeNextSequence(region, geometry, lane, ++sequences[lane]);
        region.writeBackAndFence(PoolPoints.LOG_RETIRED, geometry.laneOffset(lane));
    }

    /** Stores a lane's header for a sequence; the caller writes it back. */
    static void storeNextSequence(Region region, PoolGeometry geometry, int lane, long sequence) {
        region.storeRelease(
                geometry.laneOffset(lane) + UndoLogLayout.SEQUENCE_OFFSET, UndoLogLayout.header(sequence, lane));
    }
}
