package pmem.recovery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pmem.api.PoolCorruptedException;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * Undoes, or for intents finishes, the logged operations that a crash left unfinished.
 *
 * <p>A lane's operation is unfinished if its entries are live: their sequence is the header's plus 1. Old values are put back
 * for every undo and snapshot entry. An intent is finished if its slot holds the new value and undone if it does not: of its
 * changes any subset may be on media, and the slot is the one that others can see. First every lane is read and checked, then
 * words are restored and fenced, then lanes are retired, which the fence at the end of open completes: interrupted at any
 * moment, the next run reads the same live entries, or retired ones whose words are restored.
 *
 * <p>Every lane is retired, not only those with a complete set of entries: a single live entry left behind would fill a gap
 * in the next operation's entries, which have the same sequence, should a crash interrupt those.
 */
final class UndoLogRecovery {
    private final Region region;
    private final PoolGeometry geometry;
    private final LaneReader reader;
    private final List<LogEntry> liveEntries = new ArrayList<>();
    private int rolledBack;
    private int finished;
    private int wordsRestored;

    UndoLogRecovery(Region region, PoolGeometry geometry) {
        this.region = region;
        this.geometry = geometry;
        this.reader = new LaneReader(region, geometry);
    }

    /**
     * Undoes or finishes everything unfinished, durably, and retires it; the caller's next fence, before anything else is
     * changed, makes that durable too.
     *
     * @throws PoolCorruptedException if a lane or two lanes together hold what the protocol never writes
     */
    void run() {
        for (int lane = 0; lane < geometry.lanes(); lane++) {
            List<LogEntry> entries = reader.read(lane);
            liveEntries.addAll(entries);
            if (!entries.isEmpty() && entries.getFirst().kind() != UndoLogLayout.KIND_INTENT) {
                rolledBack++;
            }
        }
        refuseDoublyNamedBits();
        if (!liveEntries.isEmpty()) {
            restore();
        }
        retire();
    }

    /** Unfinished operations that were undone. */
    int operationsRolledBack() {
        return rolledBack;
    }

    /** Operations on slots whose slot had changed already: their other changes were made as well. */
    int operationsFinished() {
        return finished;
    }

    /** Words that were put back to their old value, or on to their new one. */
    int wordsRestored() {
        return wordsRestored;
    }

    private void refuseDoublyNamedBits() {
        Map<Long, Long> maskOf = new HashMap<>();
        for (LogEntry entry : liveEntries) {
            entry.forEachBits(region, (target, mask) -> {
                long named = maskOf.getOrDefault(target, 0L);
                if ((named & mask) != 0) {
                    throw reader.damaged(
                            entry.lane(), "bits named by one live entry only", "target=0x" + Long.toHexString(target));
                }
                maskOf.put(target, named | mask);
            });
        }
    }

    private void restore() {
        for (LogEntry entry : liveEntries) {
            switch (entry.kind()) {
                case UndoLogLayout.KIND_UNDO ->
                    restoreBits(entry.target(), entry.word(region, 0), entry.word(region, 1));
                case UndoLogLayout.KIND_SNAPSHOT -> {
                    for (int i = 0; i < entry.words(); i++) {
                        restoreBits(entry.target() + (long) i * Long.BYTES, -1L, entry.word(region, i));
                    }
                }
                default -> decide(entry);
            }
        }
        region.fence(PoolPoints.RECOVERY_RESTORED);
    }

    private void decide(LogEntry intent) {
        boolean linked = region.loadPlain(intent.target()) == intent.word(region, 0);
        if (linked) {
            finished++;
        } else {
            rolledBack++;
        }
        restoreField(intent.word(region, 1), linked ? intent.word(region, 2) : 0);
        restoreField(intent.word(region, 3), linked ? 0 : intent.word(region, 4));
    }

    private void restoreField(long field, long value) {
        if (field != StateField.NONE) {
            restoreBits(StateField.wordOffset(field), StateField.mask(field), value << StateField.shift(field));
        }
    }

    private void restoreBits(long target, long mask, long bits) {
        region.storePlain(target, (region.loadPlain(target) & ~mask) | bits);
        region.writeBack(PoolPoints.RECOVERY_RESTORED, target, Long.BYTES);
        wordsRestored++;
    }

    private void retire() {
        for (int lane = 0; lane < geometry.lanes(); lane++) {
            UndoLog.storeRetirementAfterCrash(region, geometry, lane);
            region.writeBack(PoolPoints.RECOVERY_RETIRED, geometry.laneOffset(lane), Long.BYTES);
        }
    }
}
