package pmem.recovery;

import java.util.ArrayList;
import java.util.List;
import pmem.api.Finding;
import pmem.api.PmemException;
import pmem.api.PoolCorruptedException;
import pmem.api.RepairItem;
import pmem.spi.Policy;
import pmem.spi.Providers;

/**
 * Repairs a pool in an overlay: superblocks, log, policy, roots, in this order, since each needs the one before. What is
 * left in the overlay is what has to be changed on media.
 */
final class RepairPlan {
    private final OverlayRegion region;
    private final List<RepairItem> items = new ArrayList<>();

    RepairPlan(OverlayRegion region) {
        this.region = region;
    }

    /** What was done, also if {@link #run} failed. */
    List<RepairItem> items() {
        return items;
    }

    /**
     * Repairs everything that can be.
     *
     * @throws PmemException if what is left would not be a pool that opens
     */
    void run() {
        Superblock superblock = new SuperblockRepair(region, items::add).run();
        PoolGeometry geometry = superblock.geometry();
        RecordedPolicy recorded = RecordedPolicy.of(region, superblock, Providers::policy);
        region.fence(RepairPoints.APPLIED);
        new LogRepair(region, geometry, RunState.isClean(region), items::add).run();
        region.fence(RepairPoints.APPLIED);
        Policy policy = repaired(recorded);
        try {
            new RootRepair(region, geometry, handle -> PoolVerifier.isLive(region, policy, handle), items::add).run();
            PoolOpening.changeSinceClose(region, geometry, policy).ifPresent(this::accept);
        } finally {
            policy.close();
        }
    }

    private void accept(Finding finding) {
        RunState.breakSeal(region);
        // What was given up explains the difference. Otherwise it is not known what came or went; what is there is
        // intact.
        if (items.stream().allMatch(item -> item.action() == RepairItem.Action.REWRITTEN)) {
            items.add(new RepairItem(
                    RepairItem.Action.KEPT,
                    finding,
                    "blocks and roots stay as they are, and the figures of the close are dropped"));
        }
    }

    // Attaching may change words too, which is left to the open that follows.
    private Policy repaired(RecordedPolicy recorded) {
        try {
            Policy policy = recorded.attach(new OverlayRegion(region));
            if (isSound(policy)) {
                return policy;
            }
            policy.close();
        } catch (PoolCorruptedException damaged) {
            if (!recorded.provider().repair(recorded.space(region), recorded.parameters(), items::add)) {
                throw damaged;
            }
            return recorded.attach(new OverlayRegion(region));
        }
        if (!recorded.provider().repair(recorded.space(region), recorded.parameters(), items::add)) {
            throw new PoolCorruptedException("the policy can't repair its metadata: pool=" + region.name() + " policy="
                    + recorded.provider().id());
        }
        return recorded.attach(new OverlayRegion(region));
    }

    private static boolean isSound(Policy policy) {
        List<Finding> findings = new ArrayList<>();
        policy.verify(findings::add);
        return findings.isEmpty();
    }
}
