package pmem.recovery;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import pmem.api.Finding;
import pmem.api.PoolCorruptedException;
import pmem.api.RepairItem;
import pmem.api.RepairItem.Action;
import pmem.spi.Region;

/**
 * Makes a damaged log one that recovery accepts, and runs recovery.
 *
 * <p>A header with a wrong check is put right if exactly one change of a single bit does so. Otherwise nothing in the lane can
 * be told live from dead, so all of it counts as dead: the lane gets a sequence that none of its entries follows, and an operation that was under way
 * in it stays as the crash left it. The same is done to a lane whose live entries recovery refuses.
 */
final class LogRepair {
    private static final String HEADER = "log.header";
    private static final String ENTRIES = "log.entries";

    private final Region region;
    private final PoolGeometry geometry;
    private final boolean wasClosed;
    private final Consumer<RepairItem> items;

    /**
     * A repair.
     *
     * @param wasClosed whether the pool was closed properly, so that no operation was under way
     * @param items takes what is done
     */
    LogRepair(Region region, PoolGeometry geometry, boolean wasClosed, Consumer<RepairItem> items) {
        this.region = region;
        this.geometry = geometry;
        this.wasClosed = wasClosed;
        this.items = items;
    }

    void run() {
        for (int lane = 0; lane < geometry.lanes(); lane++) {
            long header = header(lane);
            if (!UndoLogLayout.isHeader(header, lane)) {
                mend(lane, header);
            }
        }
        if (!isAccepted(region)) {
            dropRefused(0, geometry.lanes());
        }
        if (!isAccepted(region)) {
            dropAll();
        }
        new UndoLogRecovery(region, geometry).run();
    }

    private void mend(int lane, long damaged) {
        long highest = highestSequence(lane);
        List<Long> candidates = new ArrayList<>();
        for (int bit = 0; bit < Long.SIZE; bit++) {
            long candidate = damaged ^ (1L << bit);
            if (UndoLogLayout.isHeader(candidate, lane)
                    && UndoLogLayout.sequence(candidate) + UndoLog.ENTRIES_AHEAD_MAX >= highest) {
                candidates.add(candidate);
            }
        }
        Finding finding = headerFinding(geometry, lane, damaged);
        if (candidates.size() == 1) {
            UndoLog.storeNextSequence(region, geometry, lane, UndoLogLayout.sequence(candidates.getFirst()));
            items.accept(new RepairItem(Action.REWRITTEN, finding, "one changed bit put right"));
        } else {
            UndoLog.storeNextSequence(region, geometry, lane, highest);
            items.accept(new RepairItem(wasClosed ? Action.REWRITTEN : Action.DROPPED, finding, leftAsItIs()));
        }
    }

    private String leftAsItIs() {
        return wasClosed
                ? "the lane is empty, as it was when the pool was closed"
                : "the lane is empty; an operation that was under way in it stays as the crash left it";
    }

    /** The highest sequence of an intact entry of the lane, 0 if there is none. */
    private long highestSequence(int lane) {
        long highest = 0;
        for (int index = 0; index < geometry.laneEntries(); index++) {
            long offset = UndoLogLayout.entryOffset(geometry.laneOffset(lane), index);
            boolean intact = region.loadPlain(offset + UndoLogLayout.CHECKSUM_OFFSET)
                    == UndoLogLayout.checksum(region, offset, lane, index);
            long head = region.loadPlain(offset + UndoLogLayout.SEQUENCE_OFFSET);
            highest = Math.max(highest, intact ? UndoLogLayout.sequence(head) : 0);
        }
        return highest;
    }

    private void dropRefused(int fromLane, int toLane) {
        if (isAccepted(only(fromLane, toLane))) {
            return;
        }
        if (toLane - fromLane > 1) {
            int middle = (fromLane + toLane) >>> 1;
            dropRefused(fromLane, middle);
            dropRefused(middle, toLane);
        } else {
            drop(fromLane, "live entries that fit each other and the words they name");
        }
    }

    // What is left now is that two lanes name the same bits. Nothing tells which of them is right.
    private void dropAll() {
        for (int lane = 0; lane < geometry.lanes(); lane++) {
            if (entriesAreLive(lane)) {
                drop(lane, "bits named by one live entry only");
            }
        }
    }

    private boolean entriesAreLive(int lane) {
        long live = UndoLogLayout.sequence(header(lane)) + 1;
        return IntStream.range(0, geometry.laneEntries())
                .anyMatch(index ->
                        LogEntry.read(region, geometry, lane, index, live).isLive());
    }

    private void drop(int lane, String expected) {
        retire(region, lane);
        Finding finding = new Finding(
                Finding.Severity.ERROR,
                ENTRIES,
                "lane " + lane,
                geometry.laneOffset(lane),
                expected,
                "entries that contradict them");
        items.accept(new RepairItem(Action.DROPPED, finding, leftAsItIs()));
    }

    /** A view in which the other lanes are empty. */
    private Region only(int fromLane, int toLane) {
        OverlayRegion view = new OverlayRegion(region);
        for (int lane = 0; lane < geometry.lanes(); lane++) {
            if (lane < fromLane || lane >= toLane) {
                retire(view, lane);
            }
        }
        return view;
    }

    private void retire(Region view, int lane) {
        UndoLog.storeRetirementAfterCrash(view, geometry, lane);
    }

    private boolean isAccepted(Region view) {
        try {
            new UndoLogRecovery(new OverlayRegion(view), geometry).run();
            return true;
        } catch (PoolCorruptedException refused) {
            return false;
        }
    }

    private long header(int lane) {
        return region.loadPlain(geometry.laneOffset(lane) + UndoLogLayout.SEQUENCE_OFFSET);
    }

    /** The finding of a header with a wrong check. */
    static Finding headerFinding(PoolGeometry geometry, int lane, long header) {
        return new Finding(
                Finding.Severity.ERROR,
                HEADER,
                "lane " + lane,
                geometry.laneOffset(lane) + UndoLogLayout.SEQUENCE_OFFSET,
                "a header with a right check",
                "0x" + Long.toHexString(header));
    }
}
