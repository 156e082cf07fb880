package pmem.policy.buddy;

import java.util.Arrays;

/**
 * The free units of a tree: an aligned part of the space, in DRAM only. No garbage.
 *
 * <p>Three levels of 64 places each ({@link FreeWord}): a word has a bit for each of 64 units, a group (the subtree) has 64 words, a
 * tree has up to 64 groups. Above the words there are {@link Summaries}, a word for each order:
 *
 * <pre>
 * tree   orders 0 to 12:  bit g of summary k:  group g has a free block of order k;  k = 12: all of it is free
 * group  orders 0 to 6:   bit w of summary k:  word w has a free block of order k;   k = 6:  all of it is free
 * word                    bit u:               unit u is free
 * </pre>
 *
 * <p>What lies below a place that is all free or all taken says nothing and is not written, so taking or giving a block costs about
 * the same whatever its size: some words on the level where it fills places. Blocks of a level's order and above are runs of its
 * places. Nothing has to be split or joined: the free units alone determine every bit that says something.
 *
 * <p>All methods need the lock but those that say otherwise. What threads write on each allocation, here as in the
 * {@link TreeHead head}, is at least a line away from that of any other tree.
 */
final class FreeTree extends TreeHead {
    /** Logarithm of a group's units, and the order of a block that fills it. */
    static final int GROUP_ORDER = 2 * FreeWord.ORDER_MAX;
    /** Logarithm of the units of the largest tree. */
    static final int TREE_ORDER_MAX = 3 * FreeWord.ORDER_MAX;
    /** No block. */
    static final int NONE = -1;

    private static final int WORD_ORDER = FreeWord.ORDER_MAX;
    private static final int WORD_MASK = (1 << WORD_ORDER) - 1;
    private static final int GROUP_UNITS = 1 << GROUP_ORDER;
    private static final int GROUP_WORDS = GROUP_UNITS >>> WORD_ORDER;

    private static final int TREE_FULL = SUMMARY + GROUP_ORDER;

    // The body: a line of padding, for each group a line with its summaries, then all words, another line of padding.
    private static final int LINE_SHIFT = 3;
    private static final int LINE = 1 << LINE_SHIFT;
    private static final int FULL = WORD_ORDER;

    // Where a piece of a run is one bit or more.
    private static final int WORDS_LEVEL = 0;
    private static final int GROUPS_LEVEL = 1;
    private static final int TREE_LEVEL = 2;

    private static final long[] NO_BODY = {};

    private final int groups;
    /** Where the words would start of a group before the first, whose summaries are the padding. */
    private final int wordsStart;
    /** Comes with the first group of which a part is free. */
    private long[] body = NO_BODY;

    /** A tree of {@code 2^order} units, all free; the order is {@link #GROUP_ORDER} to {@link #TREE_ORDER_MAX}. */
    FreeTree(int order) {
        super(GROUP_ORDER + 1);
        groups = 1 << (order - GROUP_ORDER);
        wordsStart = LINE + groups * LINE - GROUP_WORDS;
        Summaries.fill(head, SUMMARY, GROUP_ORDER, FreeWord.mask(0, groups));
        head[FREE_UNITS] = 1L << order;
    }

    /** Number of units. */
    long units() {
        return (long) groups << GROUP_ORDER;
    }

    /** Order of the largest free block, or {@link #NONE}; without the lock, that of some moment. */
    int largestOrder() {
        return Summaries.largestOrder(head, SUMMARY, GROUP_ORDER);
    }

    /** Whether there is a free block of an order; without the lock, at some moment. */
    boolean holds(int order) {
        return order <= GROUP_ORDER
                ? summary(order) != 0
                : FreeWord.find(summary(GROUP_ORDER), order - GROUP_ORDER) != FreeWord.NONE;
    }

    /**
     * Takes the first units of a free block of an order; the rest of it stays free. Groups and words of which a part is taken come before
     * free ones, and inside a word or a run the smallest sufficient block; the lowest of equals.
     *
     * @param order 0 to the tree's
     * @param lengthUnits 1 to {@code 2^order}
     * @return its first unit, a multiple of {@code 2^order}, or {@link #NONE}
     */
    int take(int order, int lengthUnits) {
        int start = find(order);
        if (start != NONE) {
            takeRun(start, start + lengthUnits);
        }
        return start;
    }

    /**
     * Takes blocks as {@link #take} does, several at once if they lie in one word, or are words in one group.
     *
     * @param firstUnits where to put their first units, the one to be used first last
     * @param addend added to each of them
     * @param most 1 or more
     * @return how many, 0 if there is none
     */
    int takeSeveral(int order, int lengthUnits, long[] firstUnits, long addend, int most) {
        int start = find(order);
        if (start == NONE) {
            return 0;
        }
        int group = start >>> GROUP_ORDER;
        int word = wordInGroup(start);
        long unit = addend + (start & ~WORD_MASK);
        if (order < WORD_ORDER) {
            long before = word(start);
            long left = FreeWord.split(before, order, lengthUnits, firstUnits, most);
            int count = FreeWord.toUnits(firstUnits, Long.bitCount(before & ~left) / lengthUnits, unit, 0);
            takeFromWord(group, word, before & ~left);
            return count;
        }
        if (order < GROUP_ORDER && lengthUnits == 1 << order) {
            long before = fullWords(group);
            int words = lengthUnits >>> WORD_ORDER;
            long left = FreeWord.split(before, order - WORD_ORDER, words, firstUnits, most);
            unit = addend + ((long) group << GROUP_ORDER);
            int count = FreeWord.toUnits(firstUnits, Long.bitCount(before & ~left) / words, unit, WORD_ORDER);
            takeWords(group, before & ~left);
            return count;
        }
        takeRun(start, start + lengthUnits);
        firstUnits[0] = addend + start;
        return 1;
    }

    private int find(int order) {
        if (order > GROUP_ORDER) {
            int group = FreeWord.find(head[TREE_FULL], order - GROUP_ORDER);
            return group == FreeWord.NONE ? NONE : group << GROUP_ORDER;
        }
        long candidates = head[SUMMARY + order];
        if (candidates == 0) {
            return NONE;
        }
        int group = lowestPartial(candidates, head[TREE_FULL]);
        int start = group << GROUP_ORDER;
        return isFull(group) ? start : start + findInGroup(lineOf(group), order);
    }

    private int findInGroup(int line, int order) {
        if (order > WORD_ORDER) {
            return FreeWord.find(body[line + FULL], order - WORD_ORDER) << WORD_ORDER;
        }
        int word = lowestPartial(body[line + order], body[line + FULL]);
        int start = word << WORD_ORDER;
        return order == WORD_ORDER ? start : start + FreeWord.find(wordAt(line, word), order);
    }

    private static int lowestPartial(long candidates, long full) {
        long partial = candidates & ~full;
        return Long.numberOfTrailingZeros(partial != 0 ? partial : candidates);
    }

    /** Whether all units of a run are free. */
    boolean isFree(int start, int end) {
        return freeUnits() == units() || nextChange(start, true) >= end;
    }

    /** Takes a run of free units. */
    void takeRun(int start, int end) {
        for (int unit = start; unit < end; ) {
            int endHere = endOfPiece(unit, end);
            takePiece(unit, endHere);
            unit = endHere;
        }
    }

    private void takePiece(int start, int end) {
        int group = start >>> GROUP_ORDER;
        int word = wordInGroup(start);
        switch (levelOf(start, end)) {
            case WORDS_LEVEL -> takeFromWord(group, word, FreeWord.mask(start & WORD_MASK, end - start));
            case GROUPS_LEVEL -> takeWords(group, FreeWord.mask(word, (end - start) >>> WORD_ORDER));
            default -> takeGroups(FreeWord.mask(group, (end - start) >>> GROUP_ORDER));
        }
    }

    /** Gives back a run of units that were taken. */
    void giveRun(int start, int end) {
        for (int unit = start; unit < end; ) {
            int endHere = endOfPiece(unit, end);
            givePiece(unit, endHere);
            unit = endHere;
        }
    }

    private void givePiece(int start, int end) {
        int group = start >>> GROUP_ORDER;
        int word = wordInGroup(start);
        switch (levelOf(start, end)) {
            case WORDS_LEVEL -> giveToWord(group, word, FreeWord.mask(start & WORD_MASK, end - start));
            case GROUPS_LEVEL -> giveWords(group, FreeWord.mask(word, (end - start) >>> WORD_ORDER));
            default -> giveGroups(FreeWord.mask(group, (end - start) >>> GROUP_ORDER));
        }
    }

    private static int wordInGroup(int unit) {
        return unit >>> WORD_ORDER & (GROUP_WORDS - 1);
    }

    /** End of the part of a run that is inside one word, or whole words of one group, or whole groups. */
    private static int endOfPiece(int start, int end) {
        if ((start & WORD_MASK) != 0 || end - start < Long.SIZE) {
            return Math.min(end, (start | WORD_MASK) + 1);
        }
        int unitMask = (start & (GROUP_UNITS - 1)) != 0 || end - start < GROUP_UNITS ? WORD_MASK : GROUP_UNITS - 1;
        int endOfGroup = unitMask == WORD_MASK ? (start | (GROUP_UNITS - 1)) + 1 : end;
        return Math.min(end & ~unitMask, endOfGroup);
    }

    private static int levelOf(int start, int end) {
        if (((start | end) & WORD_MASK) != 0) {
            return WORDS_LEVEL;
        }
        return ((start | end) & (GROUP_UNITS - 1)) != 0 ? GROUPS_LEVEL : TREE_LEVEL;
    }

    private void takeFromWord(int group, int word, long units) {
        int line = enterToTake(group);
        head[FREE_UNITS] -= Long.bitCount(units);
        long left = wordAt(line, word) & ~units;
        body[wordIndex(line, word)] = left;
        if (Summaries.lower(body, line, FULL, 1L << word, FreeWord.largestOrder(left))) {
            lowerGroup(group, line);
        }
    }

    private void takeWords(int group, long words) {
        int line = enterToTake(group);
        head[FREE_UNITS] -= (long) Long.bitCount(words) << WORD_ORDER;
        Summaries.clear(body, line, FULL, words);
        lowerGroup(group, line);
    }

    private void takeGroups(long groupBits) {
        head[FREE_UNITS] -= (long) Long.bitCount(groupBits) << GROUP_ORDER;
        Summaries.clear(head, SUMMARY, GROUP_ORDER, groupBits);
    }

    /**
     * Takes many units of a group at once; those that were taken before do not matter.
     *
     * @param start the group's first unit
     * @param units a word for each of the group's words: the units to be taken
     */
    void takeAll(int start, long[] units) {
        int group = start >>> GROUP_ORDER;
        if (!isInUse(group)) {
            return;
        }
        int line = enterToTake(group);
        long fullBefore = body[line + FULL];
        long inUseBefore = body[line];
        Arrays.fill(body, line, line + FULL + 1, 0);
        for (int word = 0; word < GROUP_WORDS; word++) {
            long before = unitsOf(fullBefore, inUseBefore, line, word);
            long left = before & ~units[word];
            head[FREE_UNITS] -= Long.bitCount(before ^ left);
            if (left != 0) {
                body[wordIndex(line, word)] = left;
                body[line + FreeWord.largestOrder(left)] |= 1L << word;
            }
        }
        for (int i = line + FULL - 1; i >= line; i--) {
            body[i] |= body[i + 1];
        }
        lowerGroup(group, line);
    }

    private int enterToTake(int group) {
        int line = lineOf(group);
        if (isFull(group)) {
            Summaries.fill(body, line, FULL, FreeWord.FULL);
        }
        return line;
    }

    private void lowerGroup(int group, int line) {
        Summaries.lower(head, SUMMARY, GROUP_ORDER, 1L << group, Summaries.largestOrder(body, line, FULL));
    }

    private void giveToWord(int group, int word, long units) {
        int line = enterToGive(group);
        head[FREE_UNITS] += Long.bitCount(units);
        long before = wordAt(line, word);
        assert (before & units) == 0 : "given back twice: group=" + group + " word=" + word;
        body[wordIndex(line, word)] = before | units;
        if (Summaries.raise(body, line, FULL, 1L << word, FreeWord.largestOrder(before | units))) {
            raiseGroup(group, line);
        }
    }

    private void giveWords(int group, long words) {
        int line = enterToGive(group);
        head[FREE_UNITS] += (long) Long.bitCount(words) << WORD_ORDER;
        Summaries.set(body, line, FULL, words);
        raiseGroup(group, line);
    }

    private void giveGroups(long groupBits) {
        head[FREE_UNITS] += (long) Long.bitCount(groupBits) << GROUP_ORDER;
        Summaries.set(head, SUMMARY, GROUP_ORDER, groupBits);
    }

    private int enterToGive(int group) {
        int line = lineOf(group);
        if (!isInUse(group)) {
            Summaries.fill(body, line, FULL, 0);
        }
        return line;
    }

    private void raiseGroup(int group, int line) {
        Summaries.raise(head, SUMMARY, GROUP_ORDER, 1L << group, Summaries.largestOrder(body, line, FULL));
    }

    /** Whether something of a group is free. */
    private boolean isInUse(int group) {
        return (head[SUMMARY] >>> group & 1) != 0;
    }

    private boolean isFull(int group) {
        return (head[TREE_FULL] >>> group & 1) != 0;
    }

    /** Index of a group's line; sees to a body. */
    private int lineOf(int group) {
        if (body.length == 0) {
            body = new long[LINE + groups * (LINE + GROUP_WORDS) + LINE];
        }
        return LINE + (group << LINE_SHIFT);
    }

    private int wordIndex(int line, int word) {
        return wordsStart + (line >>> LINE_SHIFT) * GROUP_WORDS + word;
    }

    /** The words of a group that are all free. */
    private long fullWords(int group) {
        return isFull(group) ? FreeWord.FULL : body[lineOf(group) + FULL];
    }

    /** The units of a word of a group that is neither all free nor all taken. */
    private long wordAt(int line, int word) {
        return unitsOf(body[line + FULL], body[line], line, word);
    }

    private long unitsOf(long fullWords, long wordsInUse, int line, int word) {
        if ((fullWords >>> word & 1) != 0) {
            return FreeWord.FULL;
        }
        return (wordsInUse >>> word & 1) == 0 ? 0 : body[wordIndex(line, word)];
    }

    /** The units of any word. */
    private long word(int unit) {
        int group = unit >>> GROUP_ORDER;
        if (!isInUse(group)) {
            return 0;
        }
        return isFull(group) ? FreeWord.FULL : wordAt(lineOf(group), wordInGroup(unit));
    }

    /** The first unit from one on that is taken if free is asked for, else free; after the last one, the number of units. */
    int nextChange(int fromUnit, boolean free) {
        int unit = fromUnit;
        int end = groups << GROUP_ORDER;
        while (unit < end) {
            long others = (free ? ~word(unit) : word(unit)) & (FreeWord.FULL << unit);
            if (others != 0) {
                return (unit & ~WORD_MASK) + Long.numberOfTrailingZeros(others);
            }
            unit = (unit | WORD_MASK) + 1;
        }
        return end;
    }

    /** Whether every summary and the counter of free units say what lies below; looks at all of it. */
    boolean summariesHold() {
        long freeUnits = 0;
        for (int group = 0; group < groups; group++) {
            int order = NONE;
            long fullWords = 0;
            for (int word = 0; word < GROUP_WORDS; word++) {
                long units = word((group << GROUP_ORDER) + (word << WORD_ORDER));
                int orderOfWord = FreeWord.largestOrder(units);
                freeUnits += Long.bitCount(units);
                order = Math.max(order, orderOfWord);
                fullWords |= units == FreeWord.FULL ? 1L << word : 0;
                boolean inPart = isInUse(group) && !isFull(group);
                if (inPart && !Summaries.hold(body, lineOf(group), FULL, word, orderOfWord)) {
                    return false;
                }
            }
            order = fullWords == 0 ? order : WORD_ORDER + FreeWord.largestOrder(fullWords);
            if (!Summaries.hold(head, SUMMARY, GROUP_ORDER, group, order)) {
                return false;
            }
        }
        return freeUnits == head[FREE_UNITS];
    }

    /** Bytes of DRAM for the words and summaries. */
    long indexBytes() {
        return (long) (head.length + body.length) * Long.BYTES;
    }
}
