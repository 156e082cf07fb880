package pmem.recovery;

import java.util.ArrayList;
import java.util.List;
import pmem.api.PoolCorruptedException;
import pmem.spi.Region;

/**
 * Reads what a lane's unfinished operation has logged.
 *
 * <p>An operation writes its entries in groups, each fenced before what it covers is changed, so all groups but the last are
 * complete. Of the last one any subset may be on media; while it is incomplete, nothing it covers was changed.
 */
final class LaneReader {
    private final Region region;
    private final PoolGeometry geometry;

    LaneReader(Region region, PoolGeometry geometry) {
        this.region = region;
        this.geometry = geometry;
    }

    /**
     * The entries that recovery has to act on, in the order they were written.
     *
     * @throws PoolCorruptedException if the lane holds what the protocol never writes
     */
    List<LogEntry> read(int lane) {
        long header = region.loadPlain(geometry.laneOffset(lane) + UndoLogLayout.SEQUENCE_OFFSET);
        if (!UndoLogLayout.isHeader(header, lane)) {
            throw damaged(lane, "a header with a right check", "header=0x" + Long.toHexString(header));
        }
        List<LogEntry> complete = new ArrayList<>();
        List<LogEntry> group = new ArrayList<>();
        int groupStart = 0;
        for (int index = 0; index < geometry.laneEntries(); index++) {
            LogEntry entry = LogEntry.read(region, geometry, lane, index, UndoLogLayout.sequence(header) + 1);
            if (!entry.isLive()) {
                continue;
            }
            requirePlausible(entry, group);
            group.add(entry);
            if (index == entry.groupEnd() && group.size() == index - groupStart + 1) {
                complete.addAll(group);
                group.clear();
                groupStart = index + 1;
            }
        }
        if (hasCleared(group)) {
            complete.addAll(group);
        }
        return complete;
    }

    // Groups are written one after the other, so beside an incomplete one there can't be an entry of a later one.
    private void requirePlausible(LogEntry entry, List<LogEntry> group) {
        if (!entry.isPlausible(region, geometry)) {
            throw damaged(
                    entry.lane(),
                    "an entry about words of the pool",
                    "index=" + entry.index() + " kind=" + entry.kind() + " words=" + entry.words() + " target=0x"
                            + Long.toHexString(entry.target()));
        }
        if (!group.isEmpty() && group.getFirst().groupEnd() != entry.groupEnd()) {
            throw damaged(
                    entry.lane(),
                    "all entries of a group that others follow",
                    "entries missing before index=" + entry.index());
        }
    }

    // Beside a missing entry every word must still have its old value, with one exception: a free by another thread
    // that
    // was about to be refused (see Claims) had cleared the field for a moment. Undoing that is right. Any other value
    // means that the missing entry was destroyed later, and undoing the rest would tear the operation.
    private boolean hasCleared(List<LogEntry> incomplete) {
        boolean cleared = false;
        for (LogEntry entry : incomplete) {
            if (entry.kind() != UndoLogLayout.KIND_UNDO) {
                continue;
            }
            long bits = region.loadPlain(entry.target()) & entry.word(region, 0);
            if (bits != entry.word(region, 1) && bits != 0) {
                throw damaged(
                        entry.lane(),
                        "all entries of an operation that has changed words",
                        "live entries=" + incomplete.size() + " and a changed word at 0x"
                                + Long.toHexString(entry.target()));
            }
            cleared |= bits != entry.word(region, 1);
        }
        return cleared;
    }

    /** The error for a lane that holds what the protocol never writes. */
    PoolCorruptedException damaged(int lane, String expected, String found) {
        return new PoolCorruptedException(
                "the undo log is damaged: pool=" + region.name() + " lane=" + lane + " offset=0x"
                        + Long.toHexString(geometry.laneOffset(lane)) + ", expected " + expected + ", found " + found
                        + "; nothing was changed, try pmem repair, or restore the pool from a copy");
    }
}
