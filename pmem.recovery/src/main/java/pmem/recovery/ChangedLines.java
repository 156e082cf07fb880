package pmem.recovery;

import pmem.spi.PersistPoint;
import pmem.spi.Region;

/** Starts the lines of changed words towards media. Neighbours are mostly changed one after the other, so a line goes once for those in a row. */
final class ChangedLines {
    private static final long NO_LINE = -1;

    /** Takes a range that is to move to media, as {@link Region#writeBack}. */
    @FunctionalInterface
    interface Sink {
        void writeBack(PersistPoint point, long offset, long bytes);
    }

    private final Sink sink;
    private final PersistPoint point;
    private long previousLine = NO_LINE;

    ChangedLines(Sink sink, PersistPoint point) {
        this.sink = sink;
        this.point = point;
    }

    /** Starts the line of a word, unless that of the word before was the same. */
    void add(long wordOffset) {
        long line = wordOffset / Region.LINE_BYTES;
        if (line != previousLine) {
            sink.writeBack(point, line * Region.LINE_BYTES, Region.LINE_BYTES);
            previousLine = line;
        }
    }

    /** Starts a range; its words may be in the line of the word before. */
    void add(long offset, long bytes) {
        if (bytes <= Long.BYTES) {
            add(offset);
        } else {
            sink.writeBack(point, offset, bytes);
            previousLine = NO_LINE;
        }
    }
}
