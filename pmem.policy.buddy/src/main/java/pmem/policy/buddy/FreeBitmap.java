package pmem.policy.buddy;

/**
 * A set of numbers that finds its smallest member in a few steps: a bitmap with summaries. Not thread-safe, no garbage.
 *
 * <p>Bit {@code i} of level {@code n + 1} is 1 exactly if word {@code i} of level {@code n} is not 0; the last level
 * is one word. So a search looks at one word a level, and a change touches a level above only if a word becomes 0 or
 * stops being 0.
 */
final class FreeBitmap {
    /** No such member. */
    static final long NONE = -1;

    private static final int WORD_SHIFT = 6;

    private final long limit;
    private final long[][] levels;

    /** An empty set for members from 0 to {@code limit - 1}, at least one. */
    FreeBitmap(long limit) {
        this.limit = limit;
        int levelCount = 1;
        for (long words = wordsFor(limit); words > 1; words = wordsFor(words)) {
            levelCount++;
        }
        levels = new long[levelCount][];
        long bits = limit;
        for (int level = 0; level < levelCount; level++) {
            bits = wordsFor(bits);
            levels[level] = new long[Math.toIntExact(bits)];
        }
    }

    private static long wordsFor(long bits) {
        return ((bits - 1) >>> WORD_SHIFT) + 1;
    }

    /** Whether a number is a member; {@code false} for numbers outside the limits. */
    boolean contains(long number) {
        return number >= 0 && number < limit && (levels[0][(int) (number >>> WORD_SHIFT)] & (1L << number)) != 0;
    }

    /** Whether there is no member. */
    boolean isEmpty() {
        return levels[levels.length - 1][0] == 0;
    }

    /** Adds a number that is not a member. */
    void add(long number) {
        assert number >= 0 && number < limit && !contains(number) : "number=" + number + " limit=" + limit;
        long bit = number;
        for (long[] words : levels) {
            int word = (int) (bit >>> WORD_SHIFT);
            long old = words[word];
            words[word] = old | (1L << bit);
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
        for (long[] words : levels) {
            int word = (int) (bit >>> WORD_SHIFT);
            words[word] &= ~(1L << bit);
            if (words[word] != 0) {
                return;
            }
            bit = word;
        }
    }

    /** The smallest member, or {@link #NONE}. */
    long first() {
        int top = levels.length - 1;
        long word = levels[top][0];
        return word == 0 ? NONE : descend(top, Long.numberOfTrailingZeros(word));
    }

    /** The smallest member that is not below a number of at least 0, or {@link #NONE}. */
    long next(long from) {
        long bit = from;
        for (int level = 0; level < levels.length; level++) {
            long word = bit >>> WORD_SHIFT;
            if (word >= levels[level].length) {
                return NONE;
            }
            long candidates = levels[level][(int) word] & (-1L << bit);
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
            bit = (bit << WORD_SHIFT) + Long.numberOfTrailingZeros(levels[level][(int) bit]);
        }
        return bit;
    }

    /** Whether every summary says what the level below it holds; looks at all words. */
    boolean summariesHold() {
        for (int level = 0; level + 1 < levels.length; level++) {
            for (int word = 0; word < levels[level].length; word++) {
                boolean said = (levels[level + 1][word >>> WORD_SHIFT] & (1L << word)) != 0;
                if (said != (levels[level][word] != 0)) {
                    return false;
                }
            }
        }
        return true;
    }
}
