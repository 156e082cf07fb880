package pmem.recovery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pmem.api.PoolCorruptedException;
import pmem.spi.Region;

/**
 * Undoes the logged operations that a crash left unfinished.
 *
 * <p>A lane's operation is unfinished if its entries are live: their sequence is the header's plus 1. If all of them are on
 * media, any of its changes may be, and all old values are put back. If some are missing, the fence after the entries was
 * not reached, so no word was changed and there is nothing to undo. First every lane is read and checked, then words are
 * restored and fenced, then lanes are retired, which the fence at the end of open completes: interrupted at any moment, the next run reads the same live
 * entries, or retired ones whose words are restored.
 *
 * <p>Every lane is retired, not only those with a complete set of entries: a single live entry left behind would fill a gap
 * in the next operation's entries, which have the same sequence, should a crash interrupt those.
 */
final class UndoLogRecovery {
    private final Region region;
    private final PoolGeometry geometry;
    private final List<Entry> liveEntries = new ArrayList<>();
    private int operations;

    private record Entry(int lane, int index, long target, long mask, long oldBits) {}

    UndoLogRecovery(Region region, PoolGeometry geometry) {
        this.region = region;
        this.geometry = geometry;
    }

    /**
     * Undoes everything unfinished, durably, and retires it; the caller's next fence, before anything else is changed, makes
     * that durable too.
     *
     * @throws PoolCorruptedException if a lane or two lanes together hold what the protocol never writes
     */
    void run() {
        for (int lane = 0; lane < geometry.lanes(); lane++) {
            readLane(lane);
        }
        refuseDoublyNamedBits();
        if (!liveEntries.isEmpty()) {
            restore();
        }
        retire();
    }

    /** Unfinished operations that were undone. */
    int operationsRolledBack() {
        return operations;
    }

    /** Words that were put back to their old value. */
    int wordsRestored() {
        return liveEntries.size();
    }

    private void readLane(int lane) {
        long header = region.loadPlain(geometry.laneOffset(lane) + UndoLogLayout.SEQUENCE_OFFSET);
        if (!UndoLogLayout.isHeader(header, lane)) {
            throw damaged(lane, "a header with a right check", "header=0x" + Long.toHexString(header));
        }
        long live = UndoLogLayout.sequence(header) + 1;
        List<Entry> entries = new ArrayList<>();
        long count = 1;
        boolean incomplete = false;
        for (int index = 0; index < Math.min(count, geometry.laneEntries()); index++) {
            long offset = UndoLogLayout.entryOffset(geometry.laneOffset(lane), index);
            if (entrySequence(region, geometry, lane, index) == live) {
                count = region.loadPlain(offset + UndoLogLayout.COUNT_OFFSET);
                entries.add(readEntry(lane, index, offset));
            } else {
                incomplete = true;
            }
        }
        if (!incomplete || hasCleared(lane, entries)) {
            operations++;
            liveEntries.addAll(entries);
        }
    }

    /** The sequence of an entry, 0 if it is not intact. */
    static long entrySequence(Region region, PoolGeometry geometry, int lane, int index) {
        long offset = UndoLogLayout.entryOffset(geometry.laneOffset(lane), index);
        long sequence = region.loadPlain(offset + UndoLogLayout.SEQUENCE_OFFSET);
        boolean intact = region.loadPlain(offset + UndoLogLayout.CHECKSUM_OFFSET)
                        == UndoLogLayout.checksum(
                                sequence,
                                region.loadPlain(offset + UndoLogLayout.TARGET_OFFSET),
                                region.loadPlain(offset + UndoLogLayout.MASK_OFFSET),
                                region.loadPlain(offset + UndoLogLayout.OLD_BITS_OFFSET),
                                region.loadPlain(offset + UndoLogLayout.COUNT_OFFSET),
                                lane,
                                index);
        return intact ? sequence : 0;
    }

    private Entry readEntry(int lane, int index, long offset) {
        long target = region.loadPlain(offset + UndoLogLayout.TARGET_OFFSET);
        if (target % Long.BYTES != 0 || target < geometry.policyStartOffset() || target >= geometry.policyEndOffset()) {
            throw damaged(
                    lane, "an entry that names a word of the policy space", "target=0x" + Long.toHexString(target));
        }
        return new Entry(
                lane,
                index,
                target,
                region.loadPlain(offset + UndoLogLayout.MASK_OFFSET),
                region.loadPlain(offset + UndoLogLayout.OLD_BITS_OFFSET));
    }

    // Entries are durable before the first change, so beside a missing entry every word must still have its old value,
    // with
    // one exception: a free by another thread that was about to be refused (see Claims) had cleared the field for a
    // moment.
    // Undoing that is right. Any other value means that the missing entry was destroyed later, and undoing the rest
    // would
    // tear the operation.
    private boolean hasCleared(int lane, List<Entry> entries) {
        boolean cleared = false;
        for (Entry entry : entries) {
            long bits = region.loadPlain(entry.target) & entry.mask;
            if (bits != entry.oldBits && bits != 0) {
                throw damaged(
                        lane,
                        "all entries of an operation that has changed words",
                        "live entries=" + entries.size() + " and a changed word at 0x"
                                + Long.toHexString(entry.target));
            }
            cleared |= bits != entry.oldBits;
        }
        return cleared;
    }

    private void refuseDoublyNamedBits() {
        Map<Long, Long> maskOf = new HashMap<>();
        for (Entry entry : liveEntries) {
            long named = maskOf.getOrDefault(entry.target, 0L);
            if ((named & entry.mask) != 0) {
                throw damaged(
                        entry.lane, "bits named by one live entry only", "target=0x" + Long.toHexString(entry.target));
            }
            maskOf.put(entry.target, named | entry.mask);
        }
    }

    private void restore() {
        for (Entry entry : liveEntries) {
            long word = region.loadPlain(entry.target);
            region.storePlain(entry.target, (word & ~entry.mask) | entry.oldBits);
            region.writeBack(PoolPoints.RECOVERY_RESTORED, entry.target, Long.BYTES);
        }
        region.fence(PoolPoints.RECOVERY_RESTORED);
    }

    private void retire() {
        for (int lane = 0; lane < geometry.lanes(); lane++) {
            long offset = geometry.laneOffset(lane);
            long sequence = UndoLogLayout.sequence(region.loadPlain(offset + UndoLogLayout.SEQUENCE_OFFSET)) + 1;
            UndoLog.storeNextSequence(region, geometry, lane, sequence);
            region.writeBack(PoolPoints.RECOVERY_RETIRED, offset, Long.BYTES);
        }
    }

    private PoolCorruptedException damaged(int lane, String expected, String found) {
        return new PoolCorruptedException(
                "the undo log is damaged: pool=" + region.name() + " lane=" + lane + " offset=0x"
                        + Long.toHexString(geometry.laneOffset(lane)) + ", expected " + expected + ", found " + found
                        + "; nothing was changed, restore the pool from a copy");
    }
}
