package pmem.recovery;

import java.util.OptionalLong;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/**
 * The line that tells whether a pool is open, was closed, or was left by a crash, and how many blocks it had when it was
 * closed.
 *
 * <p>The seal makes the figures of one close valid and no others: it is 0 while the pool is open, so no mixture of the words of
 * an opening and a closing that a crash may leave looks like a close with other figures.
 */
final class RunState {
    private RunState() {}

    /** Whether the pool was closed properly by whoever had it last. */
    static boolean isClean(Region region) {
        return region.loadPlain(SuperblockLayout.RUN_STATE_OFFSET) == SuperblockLayout.CLEAN
                && region.loadPlain(SuperblockLayout.RUN_SEAL_OFFSET) == seal(region);
    }

    /** Live blocks at the close; empty if the pool was not closed. */
    static OptionalLong closedBlocks(Region region) {
        return isClean(region)
                ? OptionalLong.of(region.loadPlain(SuperblockLayout.CLOSED_BLOCKS_OFFSET))
                : OptionalLong.empty();
    }

    /** Usable bytes of the live blocks at the close; empty if the pool was not closed. */
    static OptionalLong closedBytes(Region region) {
        return isClean(region)
                ? OptionalLong.of(region.loadPlain(SuperblockLayout.CLOSED_BYTES_OFFSET))
                : OptionalLong.empty();
    }

    /** Says that the pool is open, durably. */
    static void markRunning(Region region, PersistPoint point) {
        region.storePlain(SuperblockLayout.RUN_SEAL_OFFSET, 0);
        region.storeRelease(SuperblockLayout.RUN_STATE_OFFSET, SuperblockLayout.RUNNING);
        region.writeBackAndFence(point, SuperblockLayout.RUN_STATE_OFFSET);
    }

    /** Says that the pool is closed; the caller writes the line back. */
    static void storeClean(Region region, long liveBlocks, long liveBytes) {
        region.storePlain(SuperblockLayout.CLOSED_BLOCKS_OFFSET, liveBlocks);
        region.storePlain(SuperblockLayout.CLOSED_BYTES_OFFSET, liveBytes);
        region.storePlain(SuperblockLayout.RUN_SEAL_OFFSET, seal(region));
        region.storeRelease(SuperblockLayout.RUN_STATE_OFFSET, SuperblockLayout.CLEAN);
    }

    /** Says that the pool is closed, durably. */
    static void markClean(Region region, long liveBlocks, long liveBytes, PersistPoint point) {
        storeClean(region, liveBlocks, liveBytes);
        region.writeBackAndFence(point, SuperblockLayout.RUN_STATE_OFFSET);
    }

    /** Makes a closed pool one that was left by a crash; the caller makes that durable. */
    static void breakSeal(Region region) {
        region.storePlain(SuperblockLayout.RUN_SEAL_OFFSET, 0);
    }

    private static long seal(Region region) {
        long sum = Checksums.add(SuperblockLayout.CLEAN, region.loadPlain(SuperblockLayout.CLOSED_BLOCKS_OFFSET));
        // Never 0, which says that there is no seal.
        return Checksums.add(sum, region.loadPlain(SuperblockLayout.CLOSED_BYTES_OFFSET)) | 1;
    }
}
