package pmem.policy.buddy;

import java.util.Arrays;

/**
 * Takes runs of units out of free trees, for a rebuild: ascending runs, which are collected for a whole group of a tree before the tree
 * is locked and its summaries are made, once. For one thread; others may do the same with other units.
 */
final class TakenUnits {
    private static final long GROUP_UNITS = 1L << FreeTree.GROUP_ORDER;
    private static final int WORD_SHIFT = FreeWord.ORDER_MAX;

    private final FreeTrees trees;
    /** The units collected for one group. */
    private final long[] words = new long[(int) (GROUP_UNITS >>> WORD_SHIFT)];

    private long groupStart = FreeTrees.NONE;

    TakenUnits(FreeTrees trees) {
        this.trees = trees;
    }

    /** Adds a run that starts where the one before ended, or after that. */
    void add(long start, long end) {
        long unit = start;
        while (unit < end) {
            long group = unit & -GROUP_UNITS;
            if (group != groupStart) {
                flush();
            }
            long wholeEnd = end & -GROUP_UNITS;
            if (unit == group && unit < wholeEnd) {
                // Only a block of the part before that overlaps one of these may have something of them; that is
                // refused later.
                trees.takeExactly(unit, wholeEnd - unit, 0);
                unit = wholeEnd;
            } else {
                groupStart = group;
                long endHere = Math.min(end, group + GROUP_UNITS);
                collect((int) (unit - group), (int) (endHere - group) - 1);
                unit = endHere;
            }
        }
    }

    private void collect(int first, int last) {
        int firstWord = first >>> WORD_SHIFT;
        int lastWord = last >>> WORD_SHIFT;
        long fromFirst = FreeWord.FULL << first;
        long toLast = FreeWord.FULL >>> ~last;
        if (firstWord == lastWord) {
            words[firstWord] |= fromFirst & toLast;
            return;
        }
        words[firstWord] |= fromFirst;
        Arrays.fill(words, firstWord + 1, lastWord, FreeWord.FULL);
        words[lastWord] |= toLast;
    }

    /** Takes what was added so far. */
    void flush() {
        if (groupStart != FreeTrees.NONE) {
            trees.takeAll(groupStart, words);
            Arrays.fill(words, 0);
            groupStart = FreeTrees.NONE;
        }
    }
}
