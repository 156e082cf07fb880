package pmem.recovery;

import pmem.spi.PersistPoint;
import pmem.spi.Region;

/** The word that tells whether a pool is open, was closed, or was left by a crash. */
final class RunState {
    private RunState() {}

    /** Whether the pool was closed properly by whoever had it last. */
    static boolean isClean(Region region) {
        return region.loadPlain(SuperblockLayout.RUN_STATE_OFFSET) == SuperblockLayout.CLEAN;
    }

    /** Stores a state, durably. */
    static void mark(Region region, long state, PersistPoint point) {
        region.storeRelease(SuperblockLayout.RUN_STATE_OFFSET, state);
        region.writeBackAndFence(point, SuperblockLayout.RUN_STATE_OFFSET);
    }
}
