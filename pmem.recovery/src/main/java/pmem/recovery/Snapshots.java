package pmem.recovery;

import java.util.TreeMap;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/** The words a transaction changes in place, with their old values: in the lane for recovery, here for an abort. */
final class Snapshots {
    private final Region region;
    private final UndoLog log;
    private final TreeMap<Long, Long> oldValueOf = new TreeMap<>();
    private int entries;

    Snapshots(Region region, UndoLog log) {
        this.region = region;
        this.log = log;
    }

    /** Entries of the lane in use. */
    int entries() {
        return entries;
    }

    boolean covers(long wordOffset) {
        return oldValueOf.containsKey(wordOffset);
    }

    /** How many entries the words of a range need that are not covered yet. */
    int entriesFor(long fromOffset, long endOffset) {
        int needed = 0;
        for (long offset = fromOffset; offset < endOffset; ) {
            int words = runAt(offset, endOffset);
            needed += words > 0 ? 1 : 0;
            offset += Math.max(1, words) * (long) Long.BYTES;
        }
        return needed;
    }

    /** Writes entries for the words of a range that are not covered yet; the caller fences. */
    void write(int lane, long fromOffset, long endOffset) {
        int remaining = entriesFor(fromOffset, endOffset);
        for (long offset = fromOffset; offset < endOffset; ) {
            int words = runAt(offset, endOffset);
            if (words > 0) {
                remaining--;
                log.writeSnapshot(PoolPoints.LOG_SNAPSHOT, lane, entries, remaining, offset, words);
                entries++;
                remember(offset, words);
            }
            offset += Math.max(1, words) * (long) Long.BYTES;
        }
    }

    // Uncovered words in a row from an offset on, as many as fit an entry.
    private int runAt(long fromOffset, long endOffset) {
        int words = 0;
        long offset = fromOffset;
        while (words < UndoLogLayout.ENTRY_WORDS && offset < endOffset && !covers(offset)) {
            words++;
            offset += Long.BYTES;
        }
        return words;
    }

    private void remember(long fromOffset, int words) {
        for (int i = 0; i < words; i++) {
            long offset = fromOffset + (long) i * Long.BYTES;
            oldValueOf.put(offset, region.loadAcquire(offset));
        }
    }

    /** Puts the old values back; neither written back nor fenced. */
    void restore() {
        oldValueOf.forEach(region::storeRelease);
    }

    /** Starts all covered words towards media. */
    void writeBack(PersistPoint point) {
        ChangedLines lines = new ChangedLines(region::writeBack, point);
        oldValueOf.keySet().forEach(lines::add);
    }
}
