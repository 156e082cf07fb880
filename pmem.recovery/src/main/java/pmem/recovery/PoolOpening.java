package pmem.recovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import pmem.api.Finding;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.api.PoolOptions;
import pmem.api.RecoveryReport;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.Region;

/**
 * Opens a region that holds a pool: finds a valid superblock, undoes unfinished operations, lets the policy rebuild what is
 * volatile, and marks the pool as running. Interrupted at any moment, the next open does the same again.
 */
final class PoolOpening {
    private static final double NANOS_PER_MILLI = 1e6;
    // A region is at most this much larger than what was asked for when the pool was created.
    private static final long ROUNDING_BYTES = 2L << 20;

    private final Region region;
    private final PoolOptions options;
    private final Function<String, PolicyProvider> policies;
    private final List<String> notes = new ArrayList<>();

    PoolOpening(Region region, PoolOptions options, Function<String, PolicyProvider> policies) {
        this.region = region;
        this.options = options;
        this.policies = policies;
    }

    /**
     * Opens the pool.
     *
     * @param justCreated whether this process has just created it
     * @throws PoolOpenException if there is no usable superblock, or the options contradict it
     * @throws pmem.api.PoolCorruptedException if log, roots or policy metadata contradict themselves
     */
    RegionPool run(boolean justCreated) {
        long begun = System.nanoTime();
        OpenDecision decision = OpenDecision.of(region);
        Superblock superblock = decision.require();
        RecordedPolicy recorded = RecordedPolicy.of(region, superblock, policies);
        requireFit(superblock, recorded);
        boolean clean = RunState.isClean(region);

        long started = System.nanoTime();
        UndoLogRecovery recovery = new UndoLogRecovery(region, superblock.geometry());
        recovery.run();
        long logDone = System.nanoTime();
        Policy policy = recorded.attach(region, justCreated && region.isZeroed());
        long rebuildDone = System.nanoTime();
        RootTable roots = new RootTable(region, superblock.geometry());
        long rootsDone = System.nanoTime();

        // After all that can refuse the pool: a refused open changes nothing.
        decision.grown().ifPresent(notes::add);
        for (int copy = 0; copy < SuperblockLayout.COPIES; copy++) {
            if (decision.states().get(copy) != Superblock.CopyState.VALID) {
                heal(superblock, copy, decision.states().get(copy));
            }
        }
        if (superblock.geometry().growable() && !CapacityWord.agrees(region)) {
            healCapacity(superblock.geometry().capacityBytes());
        }
        Optional<Finding> sinceClose = changeSinceClose(region, superblock.geometry(), policy);
        sinceClose.ifPresent(finding -> notes.add(finding.toString()));
        RunState.markRunning(region, PoolPoints.OPEN_MARKED);
        RecoveryReport report = new RecoveryReport(
                justCreated
                        ? RecoveryReport.State.FRESH
                        : clean ? RecoveryReport.State.CLEAN : RecoveryReport.State.CRASHED,
                recovery.operationsRolledBack(),
                recovery.operationsFinished(),
                recovery.wordsRestored(),
                policy.liveBlocks(),
                (started - begun) / NANOS_PER_MILLI,
                (logDone - started) / NANOS_PER_MILLI,
                (rebuildDone - logDone) / NANOS_PER_MILLI,
                (rootsDone - rebuildDone) / NANOS_PER_MILLI,
                notes);
        return new RegionPool(region, superblock, recorded, policy, roots, report, sinceClose, options);
    }

    /**
     * The finding that a closed pool has other blocks or roots than when it was closed. A warning, since a call that was under way
     * during the close leaves the same.
     */
    static Optional<Finding> changeSinceClose(Region region, PoolGeometry geometry, Policy policy) {
        RunState.Figures now =
                new RunState.Figures(policy.liveBlocks(), policy.liveBytes(), RootScan.sum(region, geometry));
        return RunState.closedFigures(region)
                .filter(closed -> !closed.equals(now))
                .map(closed -> new Finding(
                        Finding.Severity.WARNING,
                        "figures.since-close",
                        "blocks and roots",
                        SuperblockLayout.CLOSED_BLOCKS_OFFSET,
                        "as when the pool was closed, " + closed,
                        now.toString()));
    }

    // Needs no order: until it is whole, its checksum does not fit, and the other copy is valid. The fence that follows
    // the
    // run mark completes it.
    private void heal(Superblock superblock, int copy, Superblock.CopyState state) {
        superblock.storeBody(region, copy);
        Superblock.storeMagic(region, copy);
        region.writeBack(PoolPoints.OPEN_MARKED, SuperblockLayout.copyOffset(copy), SuperblockLayout.BODY_BYTES);
        notes.add("superblock copy " + copy + " was " + state.toString().toLowerCase(Locale.ROOT)
                + " and was rewritten from the other copy");
    }

    // Needs no order either: the capacity that the first intact word holds is stored in both, and the region is long
    // enough.
    private void healCapacity(long capacityBytes) {
        for (int copy = 0; copy < SuperblockLayout.COPIES; copy++) {
            if (CapacityWord.read(region, copy).isEmpty()) {
                notes.add("capacity in superblock copy " + copy + " was damaged and was rewritten from the other copy");
            }
        }
        CapacityWord.store(region, capacityBytes, PoolPoints.OPEN_MARKED);
    }

    private void requireFit(Superblock superblock, RecordedPolicy recorded) {
        PolicyProvider provider = recorded.provider();
        if (!options.policy().orElse(provider.id()).equals(provider.id())) {
            throw mismatch("policy", options.policy().orElseThrow(), provider.id());
        }
        PolicyParameters.of(provider, options.policyParameters());
        for (Map.Entry<String, Long> asked : options.policyParameters().entrySet()) {
            long value = recorded.parameters().get(asked.getKey());
            if (value != asked.getValue()) {
                throw mismatch(
                        "policy parameter " + asked.getKey(), asked.getValue().toString(), String.valueOf(value));
            }
        }
        long capacityBytes = superblock.geometry().capacityBytes();
        long askedBytes = options.capacityBytes();
        boolean fixed = !superblock.geometry().growable();
        if (fixed && askedBytes != 0 && (askedBytes > capacityBytes || askedBytes < capacityBytes - ROUNDING_BYTES)) {
            throw mismatch("capacityBytes", String.valueOf(askedBytes), String.valueOf(capacityBytes));
        }
    }

    private PoolOpenException mismatch(String what, String asked, String recorded) {
        return open(
                Reason.OPTIONS_MISMATCH,
                "the options contradict the pool: " + what + " expected=" + asked + " as asked, found=" + recorded
                        + " as recorded; open it with PoolOptions.open(), or choose another place");
    }

    private PoolOpenException open(Reason reason, String message) {
        return new PoolOpenException(reason, "cannot open pool=" + region.name() + ": " + message);
    }
}
