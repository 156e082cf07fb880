package pmem.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import pmem.spi.Region;

/**
 * The word that tells whether a pool's file takes its blocks as it needs them. It is looked at before the file is mapped, so
 * that a sparse file is not filled up by being opened. If it is damaged, the pool is opened as any other: its holes get blocks,
 * or the open is refused for want of room.
 */
final class StorageMode {
    private StorageMode() {}

    /** Stores the mode; the caller writes it back. */
    static void store(Region region, boolean sparse) {
        region.storePlain(
                SuperblockLayout.STORAGE_MODE_OFFSET, sparse ? SuperblockLayout.SPARSE : SuperblockLayout.PREALLOCATED);
    }

    /** Whether a file says so of itself; {@code false} for what cannot be read, which opening it will explain. */
    static boolean isSparse(Path path) {
        // Opening anything else could wait for ever.
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return wordAt(file, SuperblockLayout.MAGIC_OFFSET) == SuperblockLayout.MAGIC
                    && wordAt(file, SuperblockLayout.STORAGE_MODE_OFFSET) == SuperblockLayout.SPARSE;
        } catch (IOException unreadable) {
            return false;
        }
    }

    private static long wordAt(FileChannel file, long offset) throws IOException {
        ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return file.read(word, offset) == Long.BYTES ? word.getLong(0) : 0;
    }
}
