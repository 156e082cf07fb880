package pmem.policy.buddy;

import pmem.api.Finding;
import pmem.api.PoolCorruptedException;
import pmem.spi.Region;

/** Builds the free blocks from the head-tag map: whatever lies between two blocks is free. Reads only. */
final class BuddyRebuild {
    private final Region region;
    private final HeadTagLayout layout;
    private final HeadRules rules;
    private final FreeBlocks free;
    private long blockCount;

    private BuddyRebuild(Region region, HeadTagLayout layout, BuddyParameters parameters) {
        this.region = region;
        this.layout = layout;
        rules = new HeadRules(layout, parameters);
        free = new FreeBlocks(layout.firstUnit(), layout.endUnit());
    }

    /**
     * Scans the whole map. A block that lies in another one has its head there, so looking at every tag, also inside
     * blocks, proves that no two overlap.
     *
     * @throws PoolCorruptedException if a tag breaks one of the {@link HeadRules}
     */
    static BuddyRebuild scan(Region region, HeadTagLayout layout, BuddyParameters parameters) {
        BuddyRebuild rebuild = new BuddyRebuild(region, layout, parameters);
        rebuild.run();
        return rebuild;
    }

    private void run() {
        HeadCursor head = new HeadCursor(region, layout);
        long endOfBefore = layout.firstUnit();
        for (long from = layout.firstUnit(); head.seek(from); from = head.unit() + 1) {
            if (!rules.hold(head, endOfBefore)) {
                throw damaged(rules.broken(head, endOfBefore));
            }
            free.addRun(endOfBefore, head.unit());
            endOfBefore = head.unit() + head.lengthUnits();
            blockCount++;
        }
        free.addRun(endOfBefore, layout.endUnit());
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
