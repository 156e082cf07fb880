package pmem.bench.open;

import java.nio.file.Path;
import java.util.Optional;
import pmem.api.DurabilityDomain;

/**
 * What {@link RecoveryCost} measures.
 *
 * @param policy id of the policy
 * @param capacityBytes size of the pool
 * @param preallocate whether the pool's file is given all its blocks when it is made
 * @param blocks live blocks at the crash
 * @param blockBytes size of each
 * @param freeEvery 0 for blocks side by side; n > 1 frees one block in n between the live ones, so that free space is broken up
 * @param warmupRounds opens before those that count
 * @param rounds opens that count
 * @param durability domain of the pool; empty takes the strongest the directory offers
 * @param directory where the pool's file is made; it is deleted afterwards
 */
public record RecoveryCostSettings(
        String policy,
        long capacityBytes,
        boolean preallocate,
        int blocks,
        long blockBytes,
        int freeEvery,
        int warmupRounds,
        int rounds,
        Optional<DurabilityDomain> durability,
        Path directory) {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException unless there are rounds, blocks and bytes, and {@code freeEvery} is 0 or at least 2
     */
    public RecoveryCostSettings {
        if (blocks < 1 || blockBytes < 1 || rounds < 1 || warmupRounds < 0 || freeEvery < 0 || freeEvery == 1) {
            throw new IllegalArgumentException(
                    "settings cannot be measured: expected blocks, blockBytes and rounds of at"
                            + " least 1, warmupRounds of at least 0 and freeEvery 0 or at least 2, found blocks="
                            + blocks
                            + " blockBytes=" + blockBytes + " rounds=" + rounds + " warmupRounds=" + warmupRounds
                            + " freeEvery=" + freeEvery);
        }
    }
}
