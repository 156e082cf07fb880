package pmem.recovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import pmem.api.Finding;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.api.PoolOptions;
import pmem.spi.Region;

/**
 * What a region is, told by its superblock copies and its length alone: a pool, or the reason why it can't be opened. Reads
 * only. The table of all cases is in docs/media-format.md.
 */
final class OpenDecision {
    /** A damaged word of the capacity. */
    static final String CAPACITY_CODE = "superblock.capacity";

    private final Region region;
    private final List<Superblock.CopyState> states = new ArrayList<>();
    private final Optional<Superblock> superblock;
    private final boolean contradictory;

    private OpenDecision(Region region) {
        this.region = region;
        List<Superblock> valid = new ArrayList<>();
        for (int copy = 0; copy < SuperblockLayout.COPIES; copy++) {
            states.add(Superblock.examine(region, copy));
            if (states.get(copy) == Superblock.CopyState.VALID) {
                valid.add(Superblock.read(region, copy));
            }
        }
        superblock = valid.stream().findFirst();
        contradictory = valid.stream().distinct().count() > 1;
    }

    static OpenDecision of(Region region) {
        return new OpenDecision(region);
    }

    /** State of each copy. */
    List<Superblock.CopyState> states() {
        return states;
    }

    /** What the first valid copy says, whether or not the pool can be opened. */
    Optional<Superblock> superblock() {
        return superblock;
    }

    /**
     * The superblock of a pool that can be opened as far as superblock and length go.
     *
     * @throws PoolOpenException with the reason if it can't
     */
    Superblock require() {
        if (superblock.isEmpty()) {
            throw noSuperblock();
        }
        if (contradictory) {
            throw refused(
                    Reason.DAMAGED,
                    "the two superblock copies are intact and contradict each other: expected equal ones, found="
                            + superblock.get() + " and " + Superblock.read(region, 1)
                            + "; pmem repair keeps the first");
        }
        requireSizes(superblock.get().geometry());
        return superblock.get();
    }

    private PoolOpenException noSuperblock() {
        if (states.contains(Superblock.CopyState.TOO_NEW)) {
            return refused(
                    Reason.TOO_NEW,
                    "the pool was written by a newer release: expected format version at most "
                            + SuperblockLayout.FORMAT_VERSION + ", found=" + version(Superblock.CopyState.TOO_NEW)
                            + "; use that release or a later one");
        }
        if (states.contains(Superblock.CopyState.TOO_OLD)) {
            return refused(
                    Reason.TOO_OLD,
                    "the pool was written by a release that is no longer read: expected format version at least "
                            + SuperblockLayout.FORMAT_VERSION_OLDEST + ", found="
                            + version(Superblock.CopyState.TOO_OLD) + "; copy its data with an older release");
        }
        if (states.contains(Superblock.CopyState.DAMAGED)) {
            return refused(
                    Reason.DAMAGED,
                    "no superblock copy is intact: expected a valid one at offset 0x0 or 0x1000, found=" + states
                            + "; try pmem repair, or restore the pool from a copy");
        }
        if (states.contains(Superblock.CopyState.BEGUN)) {
            return refused(
                    Reason.UNFINISHED,
                    "the pool's creation did not finish, so it holds nothing: expected a superblock, found=" + states
                            + "; create it again");
        }
        return refused(
                Reason.NOT_A_POOL,
                "this is not a pool: expected a superblock at offset 0x0 or 0x1000, found=" + states
                        + "; check the path, or delete the file to create a pool there");
    }

    private long version(Superblock.CopyState state) {
        return Superblock.version(region, states.indexOf(state));
    }

    private void requireSizes(PoolGeometry geometry) {
        boolean plausible = geometry.lanes() >= PoolOptions.LANES_MIN
                && geometry.lanes() <= PoolOptions.LANES_MAX
                && geometry.laneEntries() >= PoolOptions.LANE_ENTRIES_MIN
                && geometry.laneEntries() <= PoolOptions.LANE_ENTRIES_MAX
                && geometry.roots() >= PoolOptions.ROOTS_MIN
                && geometry.roots() <= PoolOptions.ROOTS_MAX
                && geometry.policyBytes() > 0
                && geometry.capacityBytes() <= geometry.largest().capacityBytes();
        if (!plausible) {
            throw refused(
                    Reason.DAMAGED,
                    "the superblock's sizes contradict each other: expected room for log, roots and blocks, found="
                            + geometry + "; try pmem repair, or restore the pool from a copy");
        }
        if (region.capacityBytes() < geometry.capacityBytes()) {
            throw refused(
                    Reason.TRUNCATED,
                    "the pool is shorter than its superblock says: expected " + geometry.capacityBytes()
                            + " bytes, found=" + region.capacityBytes() + "; restore the pool from a copy");
        }
    }

    /** The note on a file that is longer than its pool; a device mostly is. */
    Optional<String> grown() {
        return superblock
                .map(found -> found.geometry().capacityBytes())
                .filter(poolBytes -> region.capacityBytes() > poolBytes && !region.isDevice())
                .map(poolBytes -> "the file is larger than the pool: fileBytes=" + region.capacityBytes()
                        + " poolBytes=" + poolBytes + "; the rest is not used");
    }

    /** A finding for each copy that is not valid; a warning as long as another one is, since open then heals it. */
    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        for (int copy = 0; copy < states.size(); copy++) {
            if (states.get(copy) != Superblock.CopyState.VALID) {
                findings.add(finding(copy, "a valid copy", states.get(copy).toString()));
            }
        }
        boolean growable =
                superblock.filter(found -> found.geometry().growable()).isPresent();
        for (int copy = 0; growable && copy < SuperblockLayout.COPIES; copy++) {
            if (CapacityWord.read(region, copy).isEmpty()) {
                findings.add(capacityFinding(copy));
            }
        }
        if (contradictory) {
            findings.add(finding(1, "the same as copy 0", "another superblock with a right checksum"));
        }
        return findings;
    }

    private Finding capacityFinding(int copy) {
        boolean otherIsThere = CapacityWord.read(region, 1 - copy).isPresent();
        return new Finding(
                otherIsThere ? Finding.Severity.WARNING : Finding.Severity.ERROR,
                CAPACITY_CODE,
                "capacity in superblock copy " + copy,
                CapacityWord.offset(copy),
                "a capacity with a right check",
                CapacityWord.isCutOff(region, copy)
                        ? "a region of " + region.capacityBytes() + " bytes"
                        : "0x" + Long.toHexString(region.loadPlain(CapacityWord.offset(copy))));
    }

    private Finding finding(int copy, String expected, String found) {
        boolean harmless = superblock.isPresent() && !contradictory;
        return new Finding(
                harmless ? Finding.Severity.WARNING : Finding.Severity.ERROR,
                "superblock.copy",
                "superblock copy " + copy,
                SuperblockLayout.copyOffset(copy),
                expected,
                found.toLowerCase(Locale.ROOT).replace('_', ' '));
    }

    private PoolOpenException refused(Reason reason, String message) {
        return new PoolOpenException(reason, "cannot open pool=" + region.name() + ": " + message);
    }
}
