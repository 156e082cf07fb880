package pmem.policy.buddy;

import java.util.Arrays;
import pmem.api.Finding;
import pmem.api.PoolCorruptedException;
import pmem.spi.Region;
import pmem.spi.WordScan;

/**
 * A part of the head-tag map: its blocks, and the gaps between them. What lies before its first block depends on the part
 * before. For one thread at a time.
 */
final class MapPart {
    private static final int GAPS_AT_START = 64;

    private final Region region;
    private final HeadTagLayout layout;
    private final HeadRules rules;
    private final long[] ranges;
    private final HeadCursor head;
    private final TagWordMemo memo = new TagWordMemo();
    private long[] gaps = new long[2 * GAPS_AT_START];
    private int gapWords;
    private long firstHead;
    private long endOfBefore;
    private long blockCount;

    /**
     * A part that was not looked at yet.
     *
     * @param ranges start and end offset of each range of the map that belongs to it, at least one
     */
    MapPart(Region region, HeadTagLayout layout, HeadRules rules, long[] ranges) {
        this.region = region;
        this.layout = layout;
        this.rules = rules;
        this.ranges = ranges;
        head = new HeadCursor(region, layout, ranges);
        endOfBefore = layout.unitOfTag(ranges[0]);
    }

    /**
     * Looks at every tag of the part, also inside blocks.
     *
     * @throws PoolCorruptedException if a tag breaks one of the {@link HeadRules}
     */
    void scan() {
        WordScan.run(region, ranges, (offset, word) -> enterWord(layout.unitOfTag(offset), word));
    }

    private void enterWord(long firstOfWord, long word) {
        boolean inside = firstOfWord + 3 * HeadTagLayout.TAGS_PER_WORD <= layout.endUnit();
        int facts = memo.find(word);
        long first = firstOfWord + TagWordMemo.firstPosition(facts);
        if (inside && facts != TagWordMemo.UNKNOWN && first >= endOfBefore) {
            enter(first, firstOfWord + TagWordMemo.endPosition(facts), TagWordMemo.blockCount(facts));
            return;
        }
        enterHeads(firstOfWord);
        if (inside) {
            memo.enter(word);
        }
    }

    private void enterHeads(long firstOfWord) {
        long from = firstOfWord;
        while (from < firstOfWord + HeadTagLayout.TAGS_PER_WORD && head.seekInWord(from)) {
            demandRules(endOfBefore);
            enter(head.unit(), head.unit() + head.lengthUnits(), 1);
            from = head.unit() + 1;
        }
    }

    private void demandRules(long end) {
        if (!rules.hold(head, end)) {
            Finding finding = rules.broken(head, end);
            throw new PoolCorruptedException("head-tag map is damaged: policy=" + BuddyPolicyProvider.ID + " region="
                    + region.name() + " place=" + finding.place() + ", expected " + finding.expected() + ", found "
                    + finding.found() + "; try pmem repair, or restore the pool from a copy");
        }
    }

    /** Enters blocks side by side. */
    private void enter(long start, long end, int blocks) {
        if (blockCount == 0) {
            firstHead = start;
        } else if (start > endOfBefore) {
            addGap(endOfBefore, start);
        }
        endOfBefore = end;
        blockCount += blocks;
    }

    private void addGap(long firstFree, long endFree) {
        if (gapWords == gaps.length) {
            gaps = Arrays.copyOf(gaps, 2 * gapWords);
        }
        gaps[gapWords++] = firstFree;
        gaps[gapWords++] = endFree;
    }

    /**
     * Takes the units of all blocks.
     *
     * @param endOfPartsBefore the unit after the last block of the parts before this one
     * @return the unit after the last block so far
     * @throws PoolCorruptedException if that block reaches into one of this part
     */
    long takeBlocks(FreeTrees free, long endOfPartsBefore) {
        if (blockCount == 0) {
            return endOfPartsBefore;
        }
        head.seekInWord(firstHead);
        demandRules(endOfPartsBefore);
        long start = firstHead;
        for (int i = 0; i < gapWords; i += 2) {
            free.takeExactly(start, gaps[i] - start, 0);
            start = gaps[i + 1];
        }
        free.takeExactly(start, endOfBefore - start, 0);
        free.countBlocks(firstHead, blockCount);
        return endOfBefore;
    }
}
