package pmem.testkit.property;

import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.testkit.contract.Blocks;
import pmem.testkit.contract.PoolHome;
import pmem.testkit.contract.PoolSetting;

/**
 * What a pool that was just created can hold; a pool from which everything was freed must hold as much again.
 *
 * @param options how the campaign's pools are created
 * @param largestBytes largest block
 * @param fillCount how many blocks of {@link #FILL_BYTES} bytes
 */
record FreshFigures(PoolOptions options, long largestBytes, int fillCount) {
    /** Size of the blocks that are counted. */
    static final long FILL_BYTES = 12_000;

    // Small, so that sequences fill it and a verifier's pass is quick.
    private static final long CAPACITY_BYTES = 4L << 20;

    /** Measures a pool of this setting. */
    static FreshFigures measure(PoolSetting setting) {
        PoolOptions options = setting.options(CAPACITY_BYTES);
        try (PoolHome home = new PoolHome(setting)) {
            Pool pool = home.create(options);
            long largestBytes = pool.stats().largestFreeBytes();
            return new FreshFigures(
                    options, largestBytes, Blocks.fill(pool, FILL_BYTES).size());
        }
    }
}
