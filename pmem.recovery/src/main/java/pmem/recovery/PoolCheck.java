package pmem.recovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import pmem.api.CheckReport;
import pmem.api.CheckReport.State;
import pmem.api.Finding;
import pmem.api.PmemException;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.api.PoolOptions;
import pmem.api.PoolPart;
import pmem.api.RecoveryReport;
import pmem.api.RepairItem;
import pmem.spi.Providers;
import pmem.spi.Region;

/** Checks a pool by opening, recovering and verifying it in an overlay; the region itself is only read. */
final class PoolCheck {
    private final Region region;
    private final OpenDecision decision;
    private final List<Finding> findings;

    PoolCheck(Region region) {
        this.region = region;
        this.decision = OpenDecision.of(region);
        this.findings = new ArrayList<>(decision.findings());
    }

    CheckReport run() {
        try (RegionPool pool = open()) {
            findings.addAll(pool.verify());
            pool.sinceClose().ifPresent(findings::add);
            return opens(pool.recovery());
        } catch (PoolOpenException refused) {
            Reason reason = refused.reason();
            State state = reason == Reason.DAMAGED ? State.DAMAGED : State.REFUSED;
            return report(state, Optional.of(reason), String.valueOf(refused.getMessage()), Optional.empty());
        } catch (PmemException damaged) {
            String message = String.valueOf(damaged.getMessage());
            findings.addAll(damage(message));
            return report(State.DAMAGED, Optional.empty(), message, Optional.empty());
        }
    }

    private RegionPool open() {
        return new PoolOpening(new OverlayRegion(region), PoolOptions.open(), Providers::policy).run(false);
    }

    private CheckReport opens(RecoveryReport recovery) {
        boolean crashed = recovery.state() == RecoveryReport.State.CRASHED;
        boolean serious = findings.stream().anyMatch(Finding::isSerious);
        State state = serious ? State.DAMAGED : crashed ? State.CRASHED : State.CLEAN;
        return report(state, Optional.empty(), "opening it would report " + recovery, Optional.of(recovery));
    }

    // The open stops at the first thing it can't accept; a repair lists them all.
    private List<Finding> damage(String message) {
        RepairPlan plan = new RepairPlan(new OverlayRegion(region));
        boolean complete = true;
        try {
            plan.run();
        } catch (PmemException impossible) {
            complete = false;
        }
        List<Finding> found = new ArrayList<>();
        for (RepairItem item : plan.items()) {
            if (!findings.contains(item.finding())) {
                found.add(item.finding());
            }
        }
        if (!complete || found.isEmpty()) {
            found.add(new Finding(
                    Finding.Severity.ERROR, "pool.refused", "pool", Finding.NO_OFFSET, "a pool that opens", message));
        }
        return found;
    }

    private CheckReport report(
            State state, Optional<Reason> refusal, String message, Optional<RecoveryReport> recovery) {
        List<PoolPart> parts = decision.superblock().map(PoolCheck::parts).orElse(List.of());
        return new CheckReport(region.name(), state, refusal, message, recovery, findings, parts);
    }

    private static List<PoolPart> parts(Superblock superblock) {
        PoolGeometry geometry = superblock.geometry();
        long rootsOffset = geometry.rootsOffset();
        long policyOffset = geometry.policyStartOffset();
        return List.of(
                new PoolPart("superblock copy A", SuperblockLayout.copyOffset(0), PoolGeometry.PAGE_BYTES),
                new PoolPart("superblock copy B", SuperblockLayout.copyOffset(1), PoolGeometry.PAGE_BYTES),
                new PoolPart("undo log", geometry.logOffset(), rootsOffset - geometry.logOffset()),
                new PoolPart("table of roots", rootsOffset, policyOffset - rootsOffset),
                new PoolPart("policy space", policyOffset, geometry.policyBytes()));
    }
}
