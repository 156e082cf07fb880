package pmem.recovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.api.PoolOptions;
import pmem.api.RecoveryReport;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PolicySpace;
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
        Superblock superblock = readSuperblock();
        requireWhole(superblock);
        PolicyProvider provider = policies.apply(superblock.policyId());
        PolicyParameters parameters = requireFit(superblock, provider);
        boolean clean = RunState.isClean(region);

        long started = System.nanoTime();
        UndoLogRecovery recovery = new UndoLogRecovery(region, superblock.geometry());
        recovery.run();
        long logDone = System.nanoTime();
        PolicySpace space = new PolicySpace(
                region,
                superblock.geometry().policyStartOffset(),
                superblock.geometry().policyEndOffset(),
                justCreated && region.isZeroed());
        Policy policy = provider.attach(space, parameters);
        RootTable roots = new RootTable(region, superblock.geometry());
        long rebuildDone = System.nanoTime();

        RunState.mark(region, SuperblockLayout.RUNNING, PoolPoints.OPEN_MARKED);
        RecoveryReport report = new RecoveryReport(
                justCreated
                        ? RecoveryReport.State.FRESH
                        : clean ? RecoveryReport.State.CLEAN : RecoveryReport.State.CRASHED,
                recovery.operationsRolledBack(),
                recovery.operationsFinished(),
                recovery.wordsRestored(),
                policy.liveBlocks(),
                (logDone - started) / NANOS_PER_MILLI,
                (rebuildDone - logDone) / NANOS_PER_MILLI,
                notes);
        return new RegionPool(region, superblock, parameters, policy, roots, report, options);
    }

    private Superblock readSuperblock() {
        Superblock.CopyState[] states = new Superblock.CopyState[SuperblockLayout.COPIES];
        int valid = -1;
        for (int copy = SuperblockLayout.COPIES - 1; copy >= 0; copy--) {
            states[copy] = Superblock.examine(region, copy);
            valid = states[copy] == Superblock.CopyState.VALID ? copy : valid;
        }
        if (valid < 0) {
            throw refused(states);
        }
        Superblock superblock = Superblock.read(region, valid);
        for (int copy = 0; copy < states.length; copy++) {
            if (states[copy] != Superblock.CopyState.VALID) {
                heal(superblock, copy, states[copy]);
            }
        }
        return superblock;
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

    private PoolOpenException refused(Superblock.CopyState[] states) {
        List<Superblock.CopyState> found = List.of(states);
        if (found.contains(Superblock.CopyState.TOO_NEW)) {
            int copy = found.indexOf(Superblock.CopyState.TOO_NEW);
            return open(
                    Reason.TOO_NEW,
                    "the pool was written by a newer release: expected format version at most "
                            + SuperblockLayout.FORMAT_VERSION + ", found=" + Superblock.version(region, copy)
                            + "; use that release or a later one");
        }
        if (found.contains(Superblock.CopyState.TOO_OLD)) {
            int copy = found.indexOf(Superblock.CopyState.TOO_OLD);
            return open(
                    Reason.TOO_OLD,
                    "the pool was written by a release that is no longer read: expected format version at least "
                            + SuperblockLayout.FORMAT_VERSION_OLDEST + ", found=" + Superblock.version(region, copy)
                            + "; copy its data with an older release");
        }
        if (found.contains(Superblock.CopyState.DAMAGED)) {
            return open(
                    Reason.DAMAGED,
                    "no superblock copy is intact: expected a valid one at offset 0x0 or 0x1000, found=" + found
                            + "; restore the pool from a copy");
        }
        if (found.contains(Superblock.CopyState.BEGUN)) {
            return open(
                    Reason.UNFINISHED,
                    "the pool's creation did not finish, so it holds nothing: expected a superblock, found=" + found
                            + "; create it again");
        }
        return open(
                Reason.NOT_A_POOL,
                "this is not a pool: expected a superblock at offset 0x0 or 0x1000, found=" + found
                        + "; check the path, or delete the file to create a pool there");
    }

    private void requireWhole(Superblock superblock) {
        PoolGeometry geometry = superblock.geometry();
        boolean plausible = geometry.lanes() >= PoolOptions.LANES_MIN
                && geometry.lanes() <= PoolOptions.LANES_MAX
                && geometry.laneEntries() >= PoolOptions.LANE_ENTRIES_MIN
                && geometry.laneEntries() <= PoolOptions.LANE_ENTRIES_MAX
                && geometry.roots() >= PoolOptions.ROOTS_MIN
                && geometry.roots() <= PoolOptions.ROOTS_MAX
                && geometry.policyBytes() > 0;
        if (!plausible) {
            throw open(
                    Reason.DAMAGED,
                    "the superblock's sizes contradict each other: expected room for log, roots and blocks, found="
                            + geometry + "; restore the pool from a copy");
        }
        if (region.capacityBytes() < geometry.capacityBytes()) {
            throw open(
                    Reason.TRUNCATED,
                    "the pool is shorter than its superblock says: expected " + geometry.capacityBytes()
                            + " bytes, found=" + region.capacityBytes() + "; restore the pool from a copy");
        }
        if (region.capacityBytes() > geometry.capacityBytes()) {
            notes.add("the file is larger than the pool: fileBytes=" + region.capacityBytes() + " poolBytes="
                    + geometry.capacityBytes() + "; the rest is not used");
        }
    }

    private PolicyParameters requireFit(Superblock superblock, PolicyProvider provider) {
        if (superblock.policyVersion() > provider.formatVersion()) {
            throw open(
                    Reason.TOO_NEW,
                    "the pool's policy format is newer: policy=" + provider.id() + ", expected version at most "
                            + provider.formatVersion() + ", found=" + superblock.policyVersion());
        }
        if (!options.policy().orElse(provider.id()).equals(provider.id())) {
            throw mismatch("policy", options.policy().orElseThrow(), provider.id());
        }
        PolicyParameters parameters = recordedParameters(superblock, provider);
        PolicyParameters.of(provider, options.policyParameters());
        for (Map.Entry<String, Long> asked : options.policyParameters().entrySet()) {
            if (parameters.get(asked.getKey()) != asked.getValue()) {
                throw mismatch(
                        "policy parameter " + asked.getKey(),
                        asked.getValue().toString(),
                        String.valueOf(parameters.get(asked.getKey())));
            }
        }
        long capacityBytes = superblock.geometry().capacityBytes();
        long askedBytes = options.capacityBytes();
        if (askedBytes != 0 && (askedBytes > capacityBytes || askedBytes < capacityBytes - ROUNDING_BYTES)) {
            throw mismatch("capacityBytes", String.valueOf(askedBytes), String.valueOf(capacityBytes));
        }
        return parameters;
    }

    private PolicyParameters recordedParameters(Superblock superblock, PolicyProvider provider) {
        try {
            return PolicyParameters.recorded(provider, superblock.policyParameters());
        } catch (IllegalArgumentException misfit) {
            throw new PoolOpenException(
                    Reason.DAMAGED,
                    "the superblock records policy parameters that do not fit: pool=" + region.name(),
                    misfit);
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
