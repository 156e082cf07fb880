package pmem.tool.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import pmem.api.DurabilityDomain;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.tool.common.ToolException;

/**
 * Where pools for a replay are made.
 *
 * @param policy id of the policy
 * @param capacityBytes size of each pool
 * @param durability domain asked for; {@link DurabilityDomain#VOLATILE} takes anonymous memory
 * @param checkedPool file of the pool of the checked pass
 * @param timedPool file of the pools of the timed passes, one after the other
 * @param keep whether the pool of the checked pass stays
 */
record ReplayTarget(
        String policy,
        long capacityBytes,
        DurabilityDomain durability,
        Path checkedPool,
        Path timedPool,
        boolean keep) {
    /** One thread replays, so the log need not be large. */
    private static final int LANES = 4;

    /** Makes the pool of the checked pass, which counts lines and fences. */
    Pool createChecked() {
        return create(checkedPool, true);
    }

    /** Makes a pool of a timed pass, which counts nothing. */
    Pool createTimed() {
        return create(timedPool, false);
    }

    private Pool create(Path path, boolean countPersists) {
        PoolOptions options =
                PoolOptions.createNew(capacityBytes).lanes(LANES).policy(policy).countPersists(countPersists);
        return file(path)
                .map(file -> Pool.open(file, options.durability(durability)))
                .orElseGet(() -> Pool.openVolatile(options));
    }

    private Optional<Path> file(Path path) {
        return durability == DurabilityDomain.VOLATILE ? Optional.empty() : Optional.of(path);
    }

    /** Deletes the file of the closed pool of a timed pass. */
    void deleteTimed() {
        delete(timedPool);
    }

    /** Deletes the file of the closed pool of the checked pass, unless it is to stay. */
    void deleteChecked() {
        if (!keep) {
            delete(checkedPool);
        }
    }

    private void delete(Path path) {
        try {
            if (file(path).isPresent()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException failure) {
            throw new ToolException("pool file can't be deleted: pool=" + path + ", found=" + failure, failure);
        }
    }
}
