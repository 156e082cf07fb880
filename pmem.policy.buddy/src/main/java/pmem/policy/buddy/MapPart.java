package pmem.policy.buddy;

import pmem.api.Finding;
import pmem.api.PoolCorruptedException;
import pmem.spi.Region;
import pmem.spi.WordScan;

/**
 * A part of the head-tag map: takes the units of its blocks. Whether a block of the part before reaches into the first one is
 * looked at afterwards. For one thread at a time; other parts may be scanned by other threads meanwhile.
 */
final class MapPart {
    private final Region region;
    private final HeadTagLayout layout;
    private final HeadRules rules;
    private final long[] ranges;
    private final HeadCursor head;
    private final TagWordMemo memo = new TagWordMemo();
    private final FreeTrees trees;
    private long firstHead;
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
        if (blockCount > 0) {
            takeRun();
            trees.countBlocks(firstHead, blockCount);
        }
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
            runStart = start;
        } else if (start > endOfBefore) {
            takeRun();
            runStart = start;
        }
        endOfBefore = end;
        blockCount += blocks;
    }

    // Only a block of the part before that overlaps one of this part may have something of it; that is refused later.
    private void takeRun() {
        trees.takeExactly(runStart, endOfBefore - runStart, 0);
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
        head.seekInWord(firstHead);
        demandRules(endOfPartsBefore);
        return endOfBefore;
    }
}
