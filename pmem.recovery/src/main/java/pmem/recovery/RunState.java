package pmem.recovery;

import java.util.Optional;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/**
 * The line that tells whether a pool is open, was closed, or was left by a crash, and what it had when it was
 * closed.
 *
 * <p>The seal makes the figures of one close valid and no others: it is 0 while the pool is open, so no mixture of the words of
 * an opening and a closing that a crash may leave looks like a close with other figures.
 */
final class RunState {
    /**
     * What a pool has when it is closed.
     *
     * @param liveBlocks allocated blocks
     * @param liveBytes their usable bytes
     * @param rootsSum checksum of the roots, 0 if there are none
     */
    record Figures(long liveBlocks, long liveBytes, long rootsSum) {
        static final Figures EMPTY = new Figures(0, 0, 0);

        @Override
        public String toString() {
            return "blocks=" + liveBlocks + " bytes=" + liveBytes + " rootsSum=0x" + Long.toHexString(rootsSum);
        }
    }

    private RunState() {}

    /** Whether the pool was closed properly by whoever had it last. */
    static boolean isClean(Region region) {
        return region.loadPlain(SuperblockLayout.RUN_STATE_OFFSET) == SuperblockLayout.CLEAN
                && region.loadPlain(SuperblockLayout.RUN_SEAL_OFFSET) == seal(region);
    }

    /** What a pool had when it was closed; empty if it was not closed. */
    static Optional<Figures> closedFigures(Region region) {
        return isClean(region)
                ? Optional.of(new Figures(
                        region.loadPlain(SuperblockLayout.CLOSED_BLOCKS_OFFSET),
                        region.loadPlain(SuperblockLayout.CLOSED_BYTES_OFFSET),
                        region.loadPlain(SuperblockLayout.CLOSED_ROOTS_OFFSET)))
                : Optional.empty();
    }

    /** Says that the pool is open, durably. */
    static void markRunning(Region region, PersistPoint point) {
        region.storePlain(SuperblockLayout.RUN_SEAL_OFFSET, 0);
        region.storeRelease(SuperblockLayout.RUN_STATE_OFFSET, SuperblockLayout.RUNNING);
        region.writeBackAndFence(point, SuperblockLayout.RUN_STATE_OFFSET);
    }

    /** Says that the pool is closed; the caller writes the line back. */
    static void storeClean(Region region, Figures figures) {
        region.storePlain(SuperblockLayout.CLOSED_BLOCKS_OFFSET, figures.liveBlocks);
        region.storePlain(SuperblockLayout.CLOSED_BYTES_OFFSET, figures.liveBytes);
        region.storePlain(SuperblockLayout.CLOSED_ROOTS_OFFSET, figures.rootsSum);
        region.storePlain(SuperblockLayout.RUN_SEAL_OFFSET, seal(region));
        region.storeRelease(SuperblockLayout.RUN_STATE_OFFSET, SuperblockLayout.CLEAN);
    }

    /** Says that the pool is closed, durably. */
    static void markClean(Region region, Figures figures, PersistPoint point) {
        storeClean(region, figures);
        region.writeBackAndFence(point, SuperblockLayout.RUN_STATE_OFFSET);
    }

    /** Makes a closed pool one that was left by a crash; the caller makes that durable. */
    static void breakSeal(Region region) {
        region.storePlain(SuperblockLayout.RUN_SEAL_OFFSET, 0);
    }

    private static long seal(Region region) {
        long sum = Checksums.add(SuperblockLayout.CLEAN, region.loadPlain(SuperblockLayout.CLOSED_BLOCKS_OFFSET));
        sum = Checksums.add(sum, region.loadPlain(SuperblockLayout.CLOSED_BYTES_OFFSET));
        // Never 0, which says that there is no seal.
        return Checksums.add(sum, region.loadPlain(SuperblockLayout.CLOSED_ROOTS_OFFSET)) | 1;
    }
}
