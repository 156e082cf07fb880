package pmem.api;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a pool is to be repaired. Immutable.
 *
 * @param dryRun whether to say what would be done and change nothing
 * @param backup where the old bytes go; empty for {@code POOL.repair-TIME.backup} beside the pool
 */
public record RepairOptions(boolean dryRun, Optional<Path> backup) {
    /** Says what would be done; changes nothing. */
    public static RepairOptions planOnly() {
        return new RepairOptions(true, Optional.empty());
    }

    /** Repairs the pool after its old metadata is saved beside it. */
    public static RepairOptions apply() {
        return new RepairOptions(false, Optional.empty());
    }

    /** The same with another place for the old bytes; nothing must be there yet. */
    public RepairOptions backup(Path path) {
        return new RepairOptions(dryRun, Optional.of(path));
    }
}
