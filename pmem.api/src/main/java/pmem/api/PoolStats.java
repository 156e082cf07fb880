package pmem.api;

/**
 * A pool's figures at one moment. With other threads at work the fields are each right for some moment during the call.
 *
 * @param capacityBytes size of the pool, metadata included
 * @param metadataBytes bytes that can never become part of a block: superblocks, log, roots, fixed tables of the policy
 * @param usedBytes bytes taken from the free space: {@code metadataBytes}, live blocks, and space set aside for blocks of
 *     one size; {@code capacityBytes - usedBytes} can serve any size
 * @param liveBlocks number of allocated blocks
 * @param liveBytes sum of the usable bytes of allocated blocks
 * @param largestFreeBytes size of the largest block that could be allocated now
 * @param linesWrittenBack cache lines started towards media by this pool object; 0 unless {@link PoolOptions#countPersists}
 * @param fences fences issued by this pool object; 0 unless {@link PoolOptions#countPersists}
 */
public record PoolStats(
        long capacityBytes,
        long metadataBytes,
        long usedBytes,
        long liveBlocks,
        long liveBytes,
        long largestFreeBytes,
        long linesWrittenBack,
        long fences) {

    /** Bytes that are not taken: free for a block of any size, contiguous or not. */
    public long freeBytes() {
        return capacityBytes - usedBytes;
    }

    /**
     * Share of the free bytes that one allocation could not get, from 0 (one free run) towards 1. Space that is set aside for
     * blocks of one size but empty can serve an allocation too, so it is 0 where {@code largestFreeBytes} exceeds
     * {@link #freeBytes}.
     */
    public double fragmentation() {
        return largestFreeBytes >= freeBytes() ? 0 : 1 - (double) largestFreeBytes / freeBytes();
    }
}
