package pmem.recovery;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import pmem.api.CheckReport;
import pmem.api.PmemException;
import pmem.api.PoolPart;
import pmem.api.RepairItem;
import pmem.api.RepairReport;
import pmem.api.RepairReport.Outcome;
import pmem.spi.Region;
import pmem.spi.RepairBackup;

/**
 * Repairs a pool: plans in an overlay, checks what the plan leaves, saves the old bytes, and only then changes the region.
 */
final class PoolRepair {
    private final Region region;

    PoolRepair(Region region) {
        this.region = region;
    }

    /**
     * Plans and, unless it is a dry run, repairs.
     *
     * @param backup saves what will be changed
     */
    RepairReport run(boolean dryRun, RepairBackup backup) {
        CheckReport before = new PoolCheck(region).run();
        if (before.isSound()) {
            return new RepairReport(
                    Outcome.NOT_NEEDED, "nothing to repair", List.of(), before, before, Optional.empty());
        }
        OverlayRegion overlay = new OverlayRegion(region);
        RepairPlan plan = new RepairPlan(overlay);
        try {
            plan.run();
        } catch (PmemException impossible) {
            return impossible(String.valueOf(impossible.getMessage()), plan.items(), before, before);
        }
        CheckReport after = new PoolCheck(overlay).run();
        if (!after.isSound()) {
            return impossible(after.toString(), plan.items(), before, after);
        }
        if (dryRun) {
            return new RepairReport(
                    Outcome.PLANNED, "nothing was changed", plan.items(), before, after, Optional.empty());
        }
        List<PoolPart> ranges = overlay.changedRanges();
        for (PoolPart range : ranges) {
            if (!region.ensureBacked(range.offset(), range.bytes())) {
                return impossible("the file system has no room for " + range, plan.items(), before, before);
            }
        }
        Optional<Path> saved = backup.save(region, ranges);
        overlay.replay(RepairPoints.APPLIED);
        return new RepairReport(
                Outcome.REPAIRED, "the pool is sound", plan.items(), before, new PoolCheck(region).run(), saved);
    }

    private static RepairReport impossible(String why, List<RepairItem> items, CheckReport before, CheckReport after) {
        return new RepairReport(
                Outcome.IMPOSSIBLE, "nothing was changed: " + why, items, before, after, Optional.empty());
    }
}
