package pmem.policy.buddy;

import java.util.Arrays;

/**
 * Words numbered from 0, all 0 at first, in parts that come into being when one of theirs is first set: little memory for a
 * large space of which little is used. Bare arrays, since they are on the path of every allocation. Not thread-safe.
 */
final class SparseWords {
    private static final int PART_SHIFT = 12;
    /** Words of a part. */
    static final int PART_WORDS = 1 << PART_SHIFT;

    private static final int PART_MASK = PART_WORDS - 1;
    /** Stands for every part in which nothing was set; never written to. */
    private static final long[] BLANK = new long[PART_WORDS];

    private SparseWords() {}

    /** So many words, at least one. */
    static long[][] make(long count) {
        long[][] parts = new long[Math.toIntExact(((count - 1) >>> PART_SHIFT) + 1)][];
        Arrays.fill(parts, BLANK);
        if (parts.length == 1) {
            parts[0] = new long[(int) count];
        }
        return parts;
    }

    static long get(long[][] parts, long word) {
        return parts[(int) (word >>> PART_SHIFT)][(int) word & PART_MASK];
    }

    /** The part that a word is in, to be changed; the word is at {@link #indexOf}. */
    static long[] partOf(long[][] parts, long word) {
        int index = (int) (word >>> PART_SHIFT);
        long[] part = parts[index];
        if (isBlank(part)) {
            part = new long[PART_WORDS];
            parts[index] = part;
        }
        return part;
    }

    /** Where a word is in its part. */
    static int indexOf(long word) {
        return (int) word & PART_MASK;
    }

    /** Whether no word of the part that a word is in was ever set. */
    static boolean isBlankAt(long[][] parts, long word) {
        return isBlank(parts[(int) (word >>> PART_SHIFT)]);
    }

    // No other array is this one, whatever it holds.
    @SuppressWarnings("ReferenceEquality")
    private static boolean isBlank(long[] part) {
        return part == BLANK;
    }
}
