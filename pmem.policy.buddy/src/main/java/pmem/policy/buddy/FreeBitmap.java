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
    private final SparseWords[] levels;

    /** An empty set for members from 0 to {@code limit - 1}, at least one. */
    FreeBitmap(long limit) {
        this.limit = limit;
        int levelCount = 1;
        for (long words = wordsFor(limit); words > 1; words = wordsFor(words)) {
            levelCount++;
        }
        levels = new SparseWords[levelCount];
        long bits = limit;
        for (int level = 0; level < levelCount; level++) {
            bits = wordsFor(bits);
            levels[level] = new SparseWords(bits);
        }
    }

    private static long wordsFor(long bits) {
        return ((bits - 1) >>> WORD_SHIFT) + 1;
    }

    /** Whether a number is a member; {@code false} for numbers outside the limits. */
    boolean contains(long number) {
        return number >= 0 && number < limit && (levels[0].get(number >>> WORD_SHIFT) & (1L << number)) != 0;
    }

    /** Whether there is no member. */
    boolean isEmpty() {
        return levels[levels.length - 1].get(0) == 0;
    }

    /** Adds a number that is not a member. */
    void add(long number) {
        assert number >= 0 && number < limit && !contains(number) : "number=" + number + " limit=" + limit;
        long bit = number;
        for (SparseWords words : levels) {
            long word = bit >>> WORD_SHIFT;
            long old = words.get(word);
            words.set(word, old | (1L << bit));
            if (old != 0) {
                return;
            }
            bit = word;
        }
    }

    /** Removes a member. */
    void remove(long number) {
        assert contains(number) : "number=" + number;
        long bit = number;
        for (SparseWords words : levels) {
            long word = bit >>> WORD_SHIFT;
            long left = words.get(word) & ~(1L << bit);
            words.set(word, left);
            if (left != 0) {
                return;
            }
            bit = word;
        }
    }

    /** The smallest member, or {@link #NONE}. */
    long first() {
        int top = levels.length - 1;
        long word = levels[top].get(0);
        return word == 0 ? NONE : descend(top, Long.numberOfTrailingZeros(word));
    }

    /** The smallest member that is not below a number of at least 0, or {@link #NONE}. */
    long next(long from) {
        long bit = from;
        for (int level = 0; level < levels.length; level++) {
            long word = bit >>> WORD_SHIFT;
            if (word >= levels[level].count()) {
                return NONE;
            }
            long candidates = levels[level].get(word) & (-1L << bit);
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
            bit = (bit << WORD_SHIFT) + Long.numberOfTrailingZeros(levels[level].get(bit));
        }
        return bit;
    }

    /** Whether every summary says what the level below it holds; looks at all words that were ever set. */
    boolean summariesHold() {
        for (int level = 0; level + 1 < levels.length; level++) {
            SparseWords words = levels[level];
            SparseWords summary = levels[level + 1];
            long word = 0;
            while (word < words.count()) {
                // A part has as many words as a whole number of summary words has bits.
                if (words.isBlankAt(word) && summary.isBlankAt(word >>> WORD_SHIFT)) {
                    word = words.endOfPart(word);
                    continue;
                }
                boolean said = (summary.get(word >>> WORD_SHIFT) & (1L << word)) != 0;
                if (said != (words.get(word) != 0)) {
                    return false;
                }
                word++;
            }
        }
        return true;
    }
}
