package pmem.spi;

/** Passes the words of a region that are not 0 on, in ascending order, reading only what may hold any. Without order. */
public final class WordScan {
    /** Takes one word. */
    @FunctionalInterface
    public interface Sink {
        /** Takes the word at an offset; it is not 0. */
        void word(long offset, long word);
    }

    /** What the first-level cache holds easily beside other things. */
    private static final int WORDS_AT_ONCE = 1024;

    private WordScan() {}

    /**
     * Scans ranges.
     *
     * @param ranges as {@link Region#usedRanges} gives them
     */
    public static void run(Region region, long[] ranges, Sink sink) {
        long[] words = new long[WORDS_AT_ONCE];
        for (int i = 0; i < ranges.length; i += 2) {
            for (long offset = ranges[i]; offset < ranges[i + 1]; offset += WORDS_AT_ONCE * (long) Long.BYTES) {
                int count = (int) Math.min(WORDS_AT_ONCE, (ranges[i + 1] - offset) / Long.BYTES);
                region.loadAll(offset, words, count);
                pass(offset, words, count, sink);
            }
        }
    }

    private static void pass(long offset, long[] words, int count, Sink sink) {
        for (int i = 0; i < count; i++) {
            if (words[i] != 0) {
                sink.word(offset + (long) i * Long.BYTES, words[i]);
            }
        }
    }
}
