package pmem.policy.buddy;

import pmem.api.Finding;
import pmem.api.PoolCorruptedException;
import pmem.spi.PolicySpace;
import pmem.spi.Region;
import pmem.spi.WordScan;

/** Builds the free blocks from the head-tag map: whatever lies between two blocks is free. Reads only. */
final class BuddyRebuild {
    private final Region region;
    private final long[] ranges;
    private final HeadTagLayout layout;
    private final HeadRules rules;
    private final FreeBlocks free;
    private final TagWordMemo memo = new TagWordMemo();
    private long endOfBefore;
    private long blockCount;

    private BuddyRebuild(PolicySpace space, HeadTagLayout layout, BuddyParameters parameters) {
        region = space.region();
        ranges = space.blank() ? new long[0] : region.usedRanges(layout.mapOffset(), layout.mapEndOffset());
        this.layout = layout;
        rules = new HeadRules(layout, parameters);
        free = new FreeBlocks(layout.firstUnit(), layout.endUnit());
        endOfBefore = layout.firstUnit();
    }

    /**
     * Scans the whole map. A block that lies in another one has its head there, so looking at every tag, also inside
     * blocks, proves that no two overlap.
     *
     * @throws PoolCorruptedException if a tag breaks one of the {@link HeadRules}
     */
    static BuddyRebuild scan(PolicySpace space, HeadTagLayout layout, BuddyParameters parameters) {
        BuddyRebuild rebuild = new BuddyRebuild(space, layout, parameters);
        rebuild.run();
        return rebuild;
    }

    private void run() {
        HeadCursor head = new HeadCursor(region, layout, ranges);
        WordScan.run(region, ranges, (offset, word) -> enterWord(head, layout.unitOfTag(offset), word));
        free.addRun(endOfBefore, layout.endUnit());
    }

    private void enterWord(HeadCursor head, long firstOfWord, long word) {
        boolean inside = firstOfWord + 3 * HeadTagLayout.TAGS_PER_WORD <= layout.endUnit();
        int facts = memo.find(word);
        long first = firstOfWord + TagWordMemo.firstPosition(facts);
        if (inside && facts != TagWordMemo.UNKNOWN && first >= endOfBefore) {
            free.addRun(endOfBefore, first);
            endOfBefore = firstOfWord + TagWordMemo.endPosition(facts);
            blockCount += TagWordMemo.blockCount(facts);
            return;
        }
        enterHeads(head, firstOfWord);
        if (inside) {
            memo.enter(word);
        }
    }

    private void enterHeads(HeadCursor head, long firstOfWord) {
        long from = firstOfWord;
        while (from < firstOfWord + HeadTagLayout.TAGS_PER_WORD && head.seekInWord(from)) {
            if (!rules.hold(head, endOfBefore)) {
                throw damaged(rules.broken(head, endOfBefore));
            }
            free.addRun(endOfBefore, head.unit());
            endOfBefore = head.unit() + head.lengthUnits();
            blockCount++;
            from = head.unit() + 1;
        }
    }

    private PoolCorruptedException damaged(Finding finding) {
        return new PoolCorruptedException("head-tag map is damaged: policy=" + BuddyPolicyProvider.ID + " region="
                + region.name() + " place=" + finding.place() + ", expected " + finding.expected() + ", found "
                + finding.found() + "; try pmem repair, or restore the pool from a copy");
    }

    /** The free blocks. */
    FreeBlocks free() {
        return free;
    }

    /** Number of allocated blocks. */
    long blockCount() {
        return blockCount;
    }
}
