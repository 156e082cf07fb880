package pmem.policy.buddy;

/**
 * A set of numbers that finds its smallest member in a few steps: a bitmap with summaries. Not thread-safe, no garbage.
 *
 * <p>Bit {@code i} of level {@code n + 1} is 1 exactly if word {@code i} of level {@code n} is not 0; the last level
 * is one word. The words are {@link SparseWords}. So a search looks at one word a level, and a change touches a level above only if a word becomes 0 or
 * stops being 0.
 */
final class FreeBitmap {
    /** No such member. */
    static final long NONE = -1;

    private static final int WORD_SHIFT = 6;

    private final long limit;
    /** Words of each level. */
    private final long[] wordCounts;

    private final long[][][] levels;
    /** Level 0, where most changes end. */
    private final long[][] members;

    /** An empty set for members from 0 to {@code limit - 1}, at least one. */
    FreeBitmap(long limit) {
        this.limit = limit;
        int levelCount = 1;
        for (long words = wordsFor(limit); words > 1; words = wordsFor(words)) {
            levelCount++;
        }
        wordCounts = new long[levelCount];
        levels = new long[levelCount][][];
        long bits = limit;
        for (int level = 0; level < levelCount; level++) {
            bits = wordsFor(bits);
            wordCounts[level] = bits;
            levels[level] = SparseWords.make(bits);
        }
        members = levels[0];
    }

    private static long wordsFor(long bits) {
        return ((bits - 1) >>> WORD_SHIFT) + 1;
    }

    /** Whether a number is a member; {@code false} for numbers outside the limits. */
    boolean contains(long number) {
        return number >= 0 && number < limit && (SparseWords.get(members, number >>> WORD_SHIFT) & (1L << number)) != 0;
    }

    /** Whether there is no member. */
    boolean isEmpty() {
        return levels[levels.length - 1][0][0] == 0;
    }

    /** Adds a number that is not a member. */
    void add(long number) {
        assert number >= 0 && number < limit && !contains(number) : "number=" + number + " limit=" + limit;
        if (setBit(members, number) != 0) {
            return;
        }
        long bit = number >>> WORD_SHIFT;
        for (int level = 1; level < levels.length && setBit(levels[level], bit) == 0; level++) {
            bit >>>= WORD_SHIFT;
        }
    }

    /** Returns the word that the bit is in as it was before. */
    private static long setBit(long[][] words, long bit) {
        long word = bit >>> WORD_SHIFT;
        long[] part = SparseWords.partOf(words, word);
        long old = part[SparseWords.indexOf(word)];
        part[SparseWords.indexOf(word)] = old | (1L << bit);
        return old;
    }

    /** Removes a member. */
    void remove(long number) {
        assert contains(number) : "number=" + number;
        if (clearBit(members, number) != 0) {
            return;
        }
        long bit = number >>> WORD_SHIFT;
        for (int level = 1; level < levels.length && clearBit(levels[level], bit) == 0; level++) {
            bit >>>= WORD_SHIFT;
        }
    }

    /** Returns the word that the bit was in as it is now. */
    private static long clearBit(long[][] words, long bit) {
        long word = bit >>> WORD_SHIFT;
        long[] part = SparseWords.partOf(words, word);
        long left = part[SparseWords.indexOf(word)] & ~(1L << bit);
        part[SparseWords.indexOf(word)] = left;
        return left;
    }

    /** The smallest member, or {@link #NONE}. */
    long first() {
        int top = levels.length - 1;
        long word = levels[top][0][0];
        return word == 0 ? NONE : descend(top, Long.numberOfTrailingZeros(word));
    }

    /** The smallest member that is not below a number of at least 0, or {@link #NONE}. */
    long next(long from) {
        long bit = from;
        for (int level = 0; level < levels.length; level++) {
            long word = bit >>> WORD_SHIFT;
            if (word >= wordCounts[level]) {
                return NONE;
            }
            long candidates = SparseWords.get(levels[level], word) & (-1L << bit);
            if (candidates != 0) {
                return descend(level, (word << WORD_SHIFT) + Long.numberOfTrailingZeros(candidates));
            }
            bit = word + 1;
        }
        return NONE;
    }

    private long descend(int fromLevel, long bitThere) {
        long bit = bitThere;
        for (int level = fromLevel - 1; level >= 0; level--) {
            bit = (bit << WORD_SHIFT) + Long.numberOfTrailingZeros(SparseWords.get(levels[level], bit));
        }
        return bit;
    }

    /** Whether every summary says what the level below it holds; looks at all words that were ever set. */
    boolean summariesHold() {
        for (int level = 0; level + 1 < levels.length; level++) {
            if (!summaryHolds(level)) {
                return false;
            }
        }
        return true;
    }

    private boolean summaryHolds(int level) {
        long word = 0;
        while (word < wordCounts[level]) {
            // A part has as many words as a whole number of summary words has bits.
            if (SparseWords.isBlankAt(levels[level], word)
                    && SparseWords.isBlankAt(levels[level + 1], word >>> WORD_SHIFT)) {
                word = (word & -SparseWords.PART_WORDS) + SparseWords.PART_WORDS;
                continue;
            }
            boolean said = (SparseWords.get(levels[level + 1], word >>> WORD_SHIFT) & (1L << word)) != 0;
            if (said != (SparseWords.get(levels[level], word) != 0)) {
                return false;
            }
            word++;
        }
        return true;
    }
}
