package pmem.policy.buddy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * The free units of a tree: an aligned part of the space, in DRAM only. No garbage.
 *
 * <p>Three levels of 64 places each ({@link FreeWord}): a word has a bit for each of 64 units, a group (the subtree) has 64 words, a
 * tree has up to 64 groups. Above the words there is a summary for each order:
 *
 * <pre>
 * tree   orders 0 to 12:  bit g of summary k:  group g has a free block of order k;  k = 12: all of it is free
 * group  orders 0 to 6:   bit w of summary k:  word w has a free block of order k;   k = 6:  all of it is free
 * word                    bit u:               unit u is free
 * </pre>
 *
 * <p>A bit of a summary implies those of the smaller orders. What lies below a place that is all free or all taken says nothing and
 * is not written, so taking or giving a block costs about the same whatever its size: some words on the level where it fills places.
 * Blocks of a level's order and above are runs of its places. Nothing has to be split or joined: the free units alone determine
 * every bit that says something.
 *
 * <p>One lock guards a tree: a word that is 0 or 1. It is held for a bounded number of steps, never while the region is accessed and
 * never while waiting for the lock of a tree further down. All methods need it but those that say otherwise. What threads
 * write on each allocation is at least a line away from that of any other tree.
 */
final class FreeTree {
    /** Logarithm of a group's units, and the order of a block that fills it. */
    static final int GROUP_ORDER = 2 * FreeWord.ORDER_MAX;
    /** Logarithm of the units of the largest tree. */
    static final int TREE_ORDER_MAX = 3 * FreeWord.ORDER_MAX;
    /** No block. */
    static final int NONE = -1;

    private static final long PARK_NANOS = 1_000;
    private static final int WORD_ORDER = FreeWord.ORDER_MAX;
    private static final int WORD_MASK = (1 << WORD_ORDER) - 1;
    private static final int GROUP_UNITS = 1 << GROUP_ORDER;
    private static final int GROUP_WORDS = GROUP_UNITS >>> WORD_ORDER;

    // The head: two lines of padding, the lock and the counters, the summaries of the tree, padding.
    private static final int LOCK = 16;
    private static final int FREE_UNITS = LOCK + 1;
    private static final int LIVE_BLOCKS = LOCK + 2;
    private static final int OWNER = LOCK + 3;
    private static final int TREE_SUMMARY = LOCK + 8;
    private static final int TREE_FULL = TREE_SUMMARY + GROUP_ORDER;
    private static final int HEAD_LONGS = TREE_FULL + 1 + 16;

    // The body: for each group a line with its summaries, then all words.
    private static final int LINE_SHIFT = 3;
    private static final int FULL = WORD_ORDER;

    private static final long[] NO_BODY = {};
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private final int groups;
    private final long[] head = new long[HEAD_LONGS];
    /** Comes with the first group of which a part is free. */
    private long[] body = NO_BODY;

    /** A tree of {@code 2^order} units, all free; the order is {@link #GROUP_ORDER} to {@link #TREE_ORDER_MAX}. */
    FreeTree(int order) {
        groups = 1 << (order - GROUP_ORDER);
        Arrays.fill(head, TREE_SUMMARY, TREE_FULL + 1, FreeWord.mask(0, groups));
        head[FREE_UNITS] = 1L << order;
    }

    /** Takes the lock if nobody has it. */
    boolean tryLock() {
        return head[LOCK] == 0 && LONGS.compareAndSet(head, LOCK, 0L, 1L);
    }

    /** Takes the lock, waiting for the few steps that another thread holds it. */
    void lock() {
        for (int tries = 1; !tryLock(); tries++) {
            if ((tries & WORD_MASK) == 0) {
                LockSupport.parkNanos(PARK_NANOS); // its holder may have lost its processor
            } else {
                Thread.onSpinWait();
            }
        }
    }

    /** Gives the lock back. */
    void unlock() {
        LONGS.setRelease(head, LOCK, 0L); // pairs with: tryLock
    }

    /** Number of free units; without the lock, that of some moment. */
    long freeUnits() {
        return (long) LONGS.getOpaque(head, FREE_UNITS);
    }

    /** Number of units. */
    long units() {
        return (long) groups << GROUP_ORDER;
    }

    /** Number of blocks that start here and are not free; without the lock, that of some moment. */
    long liveBlocks() {
        return (long) LONGS.getOpaque(head, LIVE_BLOCKS);
    }

    /** Counts blocks that came, or went if negative. */
    void countBlocks(long blocks) {
        head[LIVE_BLOCKS] += blocks;
    }

    /** Who has reserved the tree, 0 if nobody has. A hint that needs no lock. */
    long owner() {
        return (long) LONGS.getOpaque(head, OWNER);
    }

    /** Sets the hint; needs no lock. */
    void setOwner(long owner) {
        LONGS.setOpaque(head, OWNER, owner);
    }

    /** Order of the largest free block, or {@link #NONE}; without the lock, that of some moment. */
    int largestOrder() {
        long full = (long) LONGS.getOpaque(head, TREE_FULL);
        if (full != 0) {
            return Math.min(
                    GROUP_ORDER + FreeWord.largestOrder(full), GROUP_ORDER + Integer.numberOfTrailingZeros(groups));
        }
        int order = GROUP_ORDER - 1;
        while (order >= 0 && (long) LONGS.getOpaque(head, TREE_SUMMARY + order) == 0) {
            order--;
        }
        return order;
    }

    /** Whether there is a free block of an order; without the lock, at some moment. */
    boolean holds(int order) {
        return order <= GROUP_ORDER ? (long) LONGS.getOpaque(head, TREE_SUMMARY + order) != 0 : largestOrder() >= order;
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
            head[FREE_UNITS] -= lengthUnits;
            clear(start, lengthUnits);
        }
        return start;
    }

    private int find(int order) {
        if (order > GROUP_ORDER) {
            return holds(order) ? FreeWord.find(head[TREE_FULL], order - GROUP_ORDER) << GROUP_ORDER : NONE;
        }
        long candidates = head[TREE_SUMMARY + order];
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
        long full = body[line + FULL];
        int word = lowestPartial(body[line + order], full);
        int start = word << WORD_ORDER;
        return (full >>> word & 1) != 0 ? start : start + FreeWord.find(body[wordIndex(line, word)], order);
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
        head[FREE_UNITS] -= end - start;
        clear(start, end - start);
    }

    /** Gives back a run of units that were taken. */
    void giveRun(int start, int end) {
        head[FREE_UNITS] += end - start;
        set(start, end - start);
    }

    private void clear(int start, int lengthUnits) {
        int end = start + lengthUnits;
        int group = start >>> GROUP_ORDER;
        if (end <= (group + 1) << GROUP_ORDER && lengthUnits < GROUP_UNITS) {
            clearInGroup(group, start & (GROUP_UNITS - 1), lengthUnits);
            return;
        }
        int unit = start;
        while (unit < end) {
            int from = unit & (GROUP_UNITS - 1);
            int count = Math.min(GROUP_UNITS - from, end - unit);
            if (count == GROUP_UNITS) {
                int whole = (end - unit) >>> GROUP_ORDER;
                clearPlaces(head, TREE_SUMMARY, GROUP_ORDER, FreeWord.mask(unit >>> GROUP_ORDER, whole));
                count = whole << GROUP_ORDER;
            } else {
                clearInGroup(unit >>> GROUP_ORDER, from, count);
            }
            unit += count;
        }
    }

    private void clearInGroup(int group, int start, int lengthUnits) {
        int line = lineOf(group);
        if (isFull(group)) {
            Arrays.fill(body, line, line + FULL + 1, FreeWord.FULL);
        }
        int end = start + lengthUnits;
        boolean changed = false;
        for (int unit = start; unit < end; ) {
            int from = unit & WORD_MASK;
            int count = Math.min(Long.SIZE - from, end - unit);
            if (count == Long.SIZE) {
                int whole = (end - unit) >>> WORD_ORDER;
                clearPlaces(body, line, FULL, FreeWord.mask(unit >>> WORD_ORDER, whole));
                count = whole << WORD_ORDER;
                changed = true;
            } else {
                changed |= clearInWord(line, unit >>> WORD_ORDER, FreeWord.mask(from, count));
            }
            unit += count;
        }
        if (changed) {
            lowerSummaries(head, TREE_SUMMARY, GROUP_ORDER, 1L << group, largestOrderOfGroup(line));
        }
    }

    private boolean clearInWord(int line, int word, long units) {
        long left = wordAt(line, word) & ~units;
        body[wordIndex(line, word)] = left;
        return lowerSummaries(body, line, FULL, 1L << word, FreeWord.largestOrder(left));
    }

    /** Removes a place from the summaries above the largest order it still has. Says whether the place's parent may see it. */
    private static boolean lowerSummaries(long[] longs, int first, int orderMax, long place, int largestOrder) {
        boolean changed = false;
        for (int order = largestOrder + 1; order <= orderMax && (longs[first + order] & place) != 0; order++) {
            long left = longs[first + order] & ~place;
            longs[first + order] = left;
            changed |= left == 0 || order == orderMax;
        }
        return changed;
    }

    private static void clearPlaces(long[] longs, int first, int orderMax, long places) {
        for (int order = 0; order <= orderMax; order++) {
            longs[first + order] &= ~places;
        }
    }

    private void set(int start, int lengthUnits) {
        int end = start + lengthUnits;
        int group = start >>> GROUP_ORDER;
        if (end <= (group + 1) << GROUP_ORDER && lengthUnits < GROUP_UNITS) {
            setInGroup(group, start & (GROUP_UNITS - 1), lengthUnits);
            return;
        }
        int unit = start;
        while (unit < end) {
            int from = unit & (GROUP_UNITS - 1);
            int count = Math.min(GROUP_UNITS - from, end - unit);
            if (count == GROUP_UNITS) {
                int whole = (end - unit) >>> GROUP_ORDER;
                setPlaces(head, TREE_SUMMARY, GROUP_ORDER, FreeWord.mask(unit >>> GROUP_ORDER, whole));
                count = whole << GROUP_ORDER;
            } else {
                setInGroup(unit >>> GROUP_ORDER, from, count);
            }
            unit += count;
        }
    }

    private void setInGroup(int group, int start, int lengthUnits) {
        int line = lineOf(group);
        if ((head[TREE_SUMMARY] >>> group & 1) == 0) {
            Arrays.fill(body, line, line + FULL + 1, 0);
        }
        int end = start + lengthUnits;
        boolean changed = false;
        for (int unit = start; unit < end; ) {
            int from = unit & WORD_MASK;
            int count = Math.min(Long.SIZE - from, end - unit);
            if (count == Long.SIZE) {
                int whole = (end - unit) >>> WORD_ORDER;
                setPlaces(body, line, FULL, FreeWord.mask(unit >>> WORD_ORDER, whole));
                count = whole << WORD_ORDER;
                changed = true;
            } else {
                changed |= setInWord(line, unit >>> WORD_ORDER, FreeWord.mask(from, count));
            }
            unit += count;
        }
        if (changed) {
            raiseSummaries(head, TREE_SUMMARY, GROUP_ORDER, 1L << group, largestOrderOfGroup(line));
        }
    }

    private boolean setInWord(int line, int word, long units) {
        long now = wordAt(line, word);
        assert (now & units) == 0 : "given back twice: line=" + line + " word=" + word;
        now |= units;
        body[wordIndex(line, word)] = now;
        return raiseSummaries(body, line, FULL, 1L << word, FreeWord.largestOrder(now));
    }

    /** Adds a place to the summaries up to the largest order it now has. Says whether the place's parent may see it. */
    private static boolean raiseSummaries(long[] longs, int first, int orderMax, long place, int largestOrder) {
        boolean changed = false;
        for (int order = largestOrder; order >= 0 && (longs[first + order] & place) == 0; order--) {
            long before = longs[first + order];
            longs[first + order] = before | place;
            changed |= before == 0 || order == orderMax;
        }
        return changed;
    }

    private static void setPlaces(long[] longs, int first, int orderMax, long places) {
        for (int order = 0; order <= orderMax; order++) {
            longs[first + order] |= places;
        }
    }

    private int largestOrderOfGroup(int line) {
        long full = body[line + FULL];
        if (full != 0) {
            return WORD_ORDER + FreeWord.largestOrder(full);
        }
        int order = FULL - 1;
        while (order >= 0 && body[line + order] == 0) {
            order--;
        }
        return order;
    }

    private boolean isFull(int group) {
        return (head[TREE_FULL] >>> group & 1) != 0;
    }

    /** Index of a group's line; sees to a body. */
    private int lineOf(int group) {
        if (body.length == 0) {
            body = new long[groups * (GROUP_WORDS + (1 << LINE_SHIFT))];
        }
        return group << LINE_SHIFT;
    }

    private int wordIndex(int line, int word) {
        return (groups << LINE_SHIFT) + (line >>> LINE_SHIFT) * GROUP_WORDS + word;
    }

    /** The units of a word of a group that is in part free. */
    private long wordAt(int line, int word) {
        if ((body[line + FULL] >>> word & 1) != 0) {
            return FreeWord.FULL;
        }
        return (body[line] >>> word & 1) == 0 ? 0 : body[wordIndex(line, word)];
    }

    /** The units of any word. */
    private long word(int unit) {
        int group = unit >>> GROUP_ORDER;
        if ((head[TREE_SUMMARY] >>> group & 1) == 0) {
            return 0;
        }
        return isFull(group) ? FreeWord.FULL : wordAt(lineOf(group), unit >>> WORD_ORDER & (GROUP_WORDS - 1));
    }

    /** The first unit from one on that is taken, if that one is free, or the other way round; after the last one, the number of units. */
    int nextChange(int fromUnit, boolean free) {
        int unit = fromUnit;
        int end = groups << GROUP_ORDER;
        while (unit < end) {
            long others = (free ? ~word(unit) : word(unit)) & (FreeWord.FULL << unit);
            if (others != 0) {
                return (unit & ~WORD_MASK) + Long.numberOfTrailingZeros(others);
            }
            unit = (unit & ~WORD_MASK) + Long.SIZE;
        }
        return end;
    }

    /** Whether every summary and the counter of free units say what lies below; looks at all of it. */
    boolean summariesHold() {
        long free = 0;
        for (int group = 0; group < groups; group++) {
            int order = NONE;
            long fullWords = 0;
            for (int word = 0; word < GROUP_WORDS; word++) {
                long units = word((group << GROUP_ORDER) + (word << WORD_ORDER));
                free += Long.bitCount(units);
                order = Math.max(order, FreeWord.largestOrder(units));
                fullWords |= units == FreeWord.FULL ? 1L << word : 0;
                if (isInPart(group) && !holdsUpTo(body, lineOf(group), FULL, word, FreeWord.largestOrder(units))) {
                    return false;
                }
            }
            order = fullWords == 0 ? order : WORD_ORDER + FreeWord.largestOrder(fullWords);
            if (!holdsUpTo(head, TREE_SUMMARY, GROUP_ORDER, group, order)) {
                return false;
            }
        }
        return free == head[FREE_UNITS];
    }

    private boolean isInPart(int group) {
        return ((head[TREE_SUMMARY] & ~head[TREE_FULL]) >>> group & 1) != 0;
    }

    private static boolean holdsUpTo(long[] longs, int first, int orderMax, int place, int largestOrder) {
        for (int order = 0; order <= orderMax; order++) {
            if ((longs[first + order] >>> place & 1) != (order <= largestOrder ? 1 : 0)) {
                return false;
            }
        }
        return true;
    }

    /** Bytes of DRAM for the words and summaries. */
    long indexBytes() {
        return (long) (head.length + body.length) * Long.BYTES;
    }
}
