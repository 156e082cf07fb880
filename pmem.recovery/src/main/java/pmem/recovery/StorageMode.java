package pmem.recovery;

import pmem.spi.Region;

/**
 * The word that tells whether a pool's file takes its blocks as it needs them. It is looked at before the file is mapped
 * ({@link PoolPreview}). If it is damaged, the pool is opened as any other: its holes get blocks, or the open is refused for want
 * of room.
 */
final class StorageMode {
    private StorageMode() {}

    /** Stores the mode; the caller writes it back. */
    static void store(Region region, boolean sparse) {
        region.storePlain(
                SuperblockLayout.STORAGE_MODE_OFFSET, sparse ? SuperblockLayout.SPARSE : SuperblockLayout.PREALLOCATED);
    }

    /** Whether a region says so of itself. */
    static boolean isSparse(Region region) {
        return region.loadPlain(SuperblockLayout.MAGIC_OFFSET) == SuperblockLayout.MAGIC
                && region.loadPlain(SuperblockLayout.STORAGE_MODE_OFFSET) == SuperblockLayout.SPARSE;
    }
}
