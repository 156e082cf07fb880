package pmem.policy.buddy;

import java.util.Arrays;

/**
 * Words numbered from 0, all 0 at first, in parts that come into being when one of theirs is first set: little memory for a
 * large space of which little is used. Not thread-safe.
 */
final class SparseWords {
    /** Words of a part. */
    static final int PART_WORDS = 1 << 12;

    private static final int PART_SHIFT = 12;
    private static final int PART_MASK = PART_WORDS - 1;
    private static final long[] NO_PART = {};

    private final long count;
    private final long[][] parts;

    /** So many words, at least one. */
    SparseWords(long count) {
        this.count = count;
        parts = new long[Math.toIntExact(((count - 1) >>> PART_SHIFT) + 1)][];
        Arrays.fill(parts, NO_PART);
    }

    /** Number of words. */
    long count() {
        return count;
    }

    long get(long word) {
        long[] part = parts[(int) (word >>> PART_SHIFT)];
        return part.length == 0 ? 0 : part[(int) word & PART_MASK];
    }

    void set(long word, long value) {
        int index = (int) (word >>> PART_SHIFT);
        long[] part = parts[index];
        if (part.length == 0) {
            part = new long[(int) Math.min(PART_WORDS, count - ((long) index << PART_SHIFT))];
            parts[index] = part;
        }
        part[(int) word & PART_MASK] = value;
    }

    /** Whether no word of the part that a word is in was ever set. */
    boolean isBlankAt(long word) {
        return parts[(int) (word >>> PART_SHIFT)].length == 0;
    }

    /** The first word of the part after the one that a word is in, or the number of words. */
    long endOfPart(long word) {
        return Math.min(count, (word & -PART_WORDS) + PART_WORDS);
    }
}
