package pmem.recovery;

import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.Region;

/**
 * Allocates blocks that are zero: clears what may be other than 0 and makes that durable before the block's state field is set, so no
 * crash finds the block with anything else. What policy or region know to be zero is not touched.
 */
final class ZeroedBlocks {
    /** Holes in shorter ranges are not asked for: clearing costs less than the system call. */
    private static final long ASKED_BYTES_MIN = 64 << 10;

    private final Region region;
    private final Policy policy;
    private final CommitEngine engine;

    ZeroedBlocks(Region region, Policy policy, CommitEngine engine) {
        this.region = region;
        this.policy = policy;
        this.engine = engine;
    }

    /** As {@link CommitEngine#allocate(PolicyAccess, long, long)}, with all usable bytes 0. */
    long allocate(PolicyAccess access, long bytes, long alignmentBytes) {
        return engine.allocate(access, bytes, alignmentBytes, this::clear);
    }

    private void clear(long handle, long usableBytes) {
        boolean cleared = false;
        long[] written = policy.writtenRanges(handle, usableBytes);
        for (int i = 0; i < written.length; i += 2) {
            long[] ranges = written[i + 1] - written[i] < ASKED_BYTES_MIN
                    ? new long[] {written[i], written[i + 1]}
                    : region.usedRanges(written[i], written[i + 1]);
            for (int j = 0; j < ranges.length; j += 2) {
                clearRange(ranges[j], ranges[j + 1] - ranges[j]);
                cleared = true;
            }
        }
        if (cleared) {
            region.fence(PoolPoints.ALLOCATE_ZEROED);
        }
    }

    private void clearRange(long offset, long bytes) {
        region.slice(offset, bytes).fill((byte) 0);
        region.writeBack(PoolPoints.ALLOCATE_ZEROED, offset, bytes);
    }
}
