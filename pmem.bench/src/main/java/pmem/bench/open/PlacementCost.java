package pmem.bench.open;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import pmem.api.MemoryPlacement;
import pmem.api.Pool;
import pmem.api.PoolOptions;

/**
 * What the placement of a volatile pool's pages costs when it is opened, and saves afterwards.
 *
 * @param openMillis from the call that opens the pool to the pool
 * @param firstTouchNanos of a store to a page that was not touched before, on average
 * @param randomLoadNanos of a load from anywhere in the block, each one's place following from the one before, on average
 */
public record PlacementCost(double openMillis, double firstTouchNanos, double randomLoadNanos) {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final long PAGE_BYTES = 4096;
    private static final int LOADS = 300_000;
    private static final long METADATA_SHARE = 16;

    /**
     * Opens a pool and touches one block that is nearly as large.
     *
     * @param policy id of the policy
     */
    public static PlacementCost measure(String policy, long capacityBytes, MemoryPlacement placement) {
        PoolOptions options = PoolOptions.create(capacityBytes).policy(policy).placement(placement);
        long started = System.nanoTime();
        try (Pool pool = Pool.openVolatile(options)) {
            long opened = System.nanoTime();
            long blockBytes = capacityBytes - capacityBytes / METADATA_SHARE;
            MemorySegment block =
                    pool.segment(pool.allocate(Math.min(blockBytes, pool.stats().largestFreeBytes())));
            double touchNanos = touch(block);
            return new PlacementCost((opened - started) / NANOS_PER_MILLI, touchNanos, load(block));
        }
    }

    private static double touch(MemorySegment block) {
        long started = System.nanoTime();
        for (long offset = 0; offset < block.byteSize(); offset += PAGE_BYTES) {
            block.set(ValueLayout.JAVA_LONG, offset, offset + 1);
        }
        return (double) (System.nanoTime() - started) / ((double) block.byteSize() / PAGE_BYTES);
    }

    private static double load(MemorySegment block) {
        long words = block.byteSize() / Long.BYTES;
        long state = 1;
        long started = System.nanoTime();
        for (int i = 0; i < LOADS; i++) {
            long at = Math.unsignedMultiplyHigh(state, words);
            // The multiplier of Knuth's MMIX generator.
            state = (state + block.getAtIndex(ValueLayout.JAVA_LONG, at)) * 6364136223846793005L + 1;
        }
        long nanos = System.nanoTime() - started;
        if (state == 0) {
            throw new IllegalStateException("loads were not done: expected a state other than 0");
        }
        return (double) nanos / LOADS;
    }
}
