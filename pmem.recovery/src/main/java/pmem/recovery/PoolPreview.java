package pmem.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import pmem.spi.HeapRegion;
import pmem.spi.Region;

/**
 * What has to be known of a pool's file before it is mapped: whether it is sparse, so that it is not filled up by being opened,
 * and how far it may grow. Read without a lock: if it is wrong, the pool is opened as any other, or with less room to grow.
 *
 * @param sparse whether the file takes its blocks as it needs them
 * @param maxCapacityBytes largest size of the pool; 0 if it can't grow or nothing is known
 */
record PoolPreview(boolean sparse, long maxCapacityBytes) {
    private static final PoolPreview NOTHING = new PoolPreview(false, 0);
    private static final int BYTES = (int) (SuperblockLayout.COPIES * PoolGeometry.PAGE_BYTES);

    /** Looks at a file; nothing is known of what cannot be read, which opening it will explain. */
    static PoolPreview of(Path path) {
        // Opening anything else could wait for ever.
        if (!Files.isRegularFile(path)) {
            return NOTHING;
        }
        ByteBuffer head = ByteBuffer.allocate(BYTES);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            while (head.hasRemaining() && file.read(head, head.position()) > 0) {
                // Reads on until the buffer is full or the file ends.
            }
        } catch (IOException unreadable) {
            return NOTHING;
        }
        Region region = new HeapRegion(head.array());
        long maxCapacityBytes = OpenDecision.of(region)
                .superblock()
                .map(superblock -> superblock.geometry().maxCapacityBytes())
                .orElse(0L);
        return new PoolPreview(StorageMode.isSparse(region), maxCapacityBytes);
    }
}
