package pmem.testkit.region;

import java.util.Arrays;

/** The stores to one line since the region last settled, in order, and how many of them are certainly on media. */
final class LineLog {
    private static final int WORDS = SimulatedRegion.LINE_WORDS;

    final int line;
    private byte[] wordsInLine = new byte[WORDS];
    private long[] values = new long[WORDS];
    private int count;
    private int durable;

    LineLog(int line) {
        this.line = line;
    }

    /** Number of stores. */
    int count() {
        return count;
    }

    /** How many stores, from the first on, a completed fence has put on media. */
    int durable() {
        return durable;
    }

    /** The index in the line of the word that a store changed. */
    int wordInLine(int store) {
        return wordsInLine[store];
    }

    /** The value a store wrote. */
    long value(int store) {
        return values[store];
    }

    void append(int wordInLine, long value) {
        if (count == values.length) {
            wordsInLine = Arrays.copyOf(wordsInLine, 2 * count);
            values = Arrays.copyOf(values, 2 * count);
        }
        wordsInLine[count] = (byte) wordInLine;
        values[count++] = value;
    }

    void makeDurable(int stores) {
        durable = Math.max(durable, stores);
    }

    /** Forgets the durable stores; the caller has put them into the media image. */
    void dropDurable() {
        System.arraycopy(wordsInLine, durable, wordsInLine, 0, count - durable);
        System.arraycopy(values, durable, values, 0, count - durable);
        count -= durable;
        durable = 0;
    }
}
