package pmem.policy.buddy;

import java.util.Arrays;
import pmem.api.Finding;
import pmem.api.PoolCorruptedException;
import pmem.spi.Region;
import pmem.spi.TagFloat;

/**
 * A part of the head-tag map: takes the units of its blocks. Whether a block of the part before reaches into the first one is
 * looked at afterwards. For one thread at a time; other parts may be scanned by other threads meanwhile.
 */
final class MapPart {
    private static final int TAGS = HeadTagLayout.TAGS_PER_WORD;
    /** What the first-level cache holds easily beside other things. */
    private static final int WORDS_AT_ONCE = 1024;

    private final Region region;
    private final HeadTagLayout layout;
    private final HeadRules rules;
    private final long[] ranges;
    private final FreeTrees trees;
    private final TakenUnits taken;
    private long firstHead;
    private int firstTag;
    /** Start of the blocks side by side that were entered last. */
    private long runStart;

    private long endOfBefore;
    private long blockCount;

    /**
     * A part that was not looked at yet.
     *
     * @param ranges start and end offset of each range of the map that belongs to it, at least one
     * @param trees where the units of its blocks are taken
     */
    MapPart(Region region, HeadTagLayout layout, HeadRules rules, long[] ranges, FreeTrees trees) {
        this.trees = trees;
        this.region = region;
        this.layout = layout;
        this.rules = rules;
        this.ranges = ranges;
        taken = new TakenUnits(trees);
        endOfBefore = layout.unitOfTag(ranges[0]);
        runStart = endOfBefore;
    }

    /**
     * Looks at every tag of the part, also inside blocks.
     *
     * @throws PoolCorruptedException if a tag breaks one of the {@link HeadRules}
     */
    void scan() {
        long[] words = new long[WORDS_AT_ONCE];
        for (int i = 0; i < ranges.length; i += 2) {
            for (long offset = ranges[i]; offset < ranges[i + 1]; offset += WORDS_AT_ONCE * (long) TAGS) {
                int count = (int) Math.min(WORDS_AT_ONCE, (ranges[i + 1] - offset) / TAGS);
                region.loadAll(offset, words, count);
                enterWords(layout.unitOfTag(offset), words, count);
            }
        }
        taken.add(runStart, endOfBefore);
        taken.flush();
        if (blockCount > 0) {
            trees.countBlocks(firstHead, blockCount);
        }
    }

    private void enterWords(long firstUnit, long[] words, int count) {
        for (int i = 0; i < count; ) {
            long word = words[i];
            int equal = i + 1 < count && words[i + 1] == word ? equalWords(words, i, count) : 1;
            if (word != 0) {
                enterEqual(firstUnit + (long) i * TAGS, word, equal);
            }
            i += equal;
        }
    }

    /** How many words are as the first one; many blocks are of one length, and many words are 0. */
    private static int equalWords(long[] words, int first, int count) {
        // A comparison with the neighbour, of many words at once: the first difference ends the row.
        int difference = Arrays.mismatch(words, first, count - 1, words, first + 1, count);
        return difference < 0 ? count - first : difference + 1;
    }

    /**
     * Enters words that are equal. If the first one's blocks lie side by side and fill it, they keep the rules in the others too: units
     * of equal position are equally aligned up to the length of a word, and the last word leaves room.
     */
    private void enterEqual(long firstUnit, long word, int count) {
        long blocksBefore = blockCount;
        long lengthUnits = enterHeads(firstUnit, word);
        int entered = 1;
        if (lengthUnits == TAGS && endOfBefore == firstUnit + TAGS) {
            long wordsOfSpace = (layout.endUnit() - firstUnit) / TAGS;
            entered = Math.clamp(wordsOfSpace - 1, 1, count);
            endOfBefore += (entered - 1L) * TAGS;
            blockCount += (entered - 1L) * (blockCount - blocksBefore);
        }
        for (int i = entered; i < count; i++) {
            enterHeads(firstUnit + (long) i * TAGS, word);
        }
    }

    /** Enters the heads of a word; returns the sum of the lengths. */
    private long enterHeads(long firstUnit, long word) {
        long sum = 0;
        for (long rest = word; rest != 0; ) {
            int position = HeadTagLayout.firstTagPosition(rest);
            int tag = HeadTagLayout.tagAt(rest, position);
            long lengthUnits = TagFloat.lengthUnits(tag);
            enter(firstUnit + position, tag, lengthUnits);
            sum += lengthUnits;
            rest = HeadTagLayout.afterPosition(rest, position);
        }
        return sum;
    }

    private void enter(long unit, int tag, long lengthUnits) {
        demandRules(unit, tag, endOfBefore);
        if (blockCount == 0) {
            firstHead = unit;
            firstTag = tag;
            runStart = unit;
        } else if (unit > endOfBefore) {
            taken.add(runStart, endOfBefore);
            runStart = unit;
        }
        endOfBefore = unit + lengthUnits;
        blockCount++;
    }

    private void demandRules(long unit, int tag, long end) {
        if (!rules.hold(unit, tag, end)) {
            Finding finding = rules.broken(unit, tag, end);
            throw new PoolCorruptedException("head-tag map is damaged: policy=" + BuddyPolicyProvider.ID + " region="
                    + region.name() + " place=" + finding.place() + ", expected " + finding.expected() + ", found "
                    + finding.found() + "; try pmem repair, or restore the pool from a copy");
        }
    }

    /**
     * Looks at the first block with respect to those before it.
     *
     * @param endOfPartsBefore the unit after the last block of the parts before this one
     * @return the unit after the last block so far
     * @throws PoolCorruptedException if that block reaches into one of this part
     */
    long follow(long endOfPartsBefore) {
        if (blockCount == 0) {
            return endOfPartsBefore;
        }
        demandRules(firstHead, firstTag, endOfPartsBefore);
        return endOfBefore;
    }
}
