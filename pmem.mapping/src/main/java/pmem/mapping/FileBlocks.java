package pmem.mapping;

import java.nio.file.Path;
import pmem.api.PoolOpenException;

/** Gives files the blocks they need before they are mapped: touching a mapped hole on a full file system kills the process. */
final class FileBlocks {
    private FileBlocks() {}

    /** Gives the holes of a file real blocks; content never changes. */
    static void fillHoles(int descriptor, FileFacts facts, Path path) {
        FileSystemFacts fileSystem = FileSystemFacts.ofDescriptor(descriptor);
        if (hasAllBlocks(descriptor, facts, fileSystem)) {
            return;
        }
        long missingBytes = Math.max(0, facts.sizeBytes() - facts.allocatedBytes());
        boolean fits = missingBytes <= fileSystem.freeBytes();
        // An attempt that cannot succeed would leave the file system full.
        int result = fits ? Posix.allocate(descriptor, 0, facts.sizeBytes()) : -Errno.ENOSPC;
        if (result < 0) {
            throw noBlocks("holes of the file could not be given blocks", -result, descriptor, missingBytes, path);
        }
    }

    /**
     * Whether it is worth asking for the holes of a file. A file system in memory has nothing to tell of a file with all its pages,
     * and takes long to say so.
     */
    static boolean tellsHoles(int descriptor, long bytes) {
        FileSystemFacts fileSystem = FileSystemFacts.ofDescriptor(descriptor);
        boolean whole = fileSystem.countsPages()
                && FileFacts.ofDescriptor(descriptor)
                        .filter(facts -> facts.allocatedBytes() >= bytes)
                        .isPresent();
        return fileSystem.tellsHoles() && !whole;
    }

    // A file system in memory looks for a hole page by page, 20 ns each, but counts no blocks of its own as the file's.
    // Others look at runs of blocks, and blocks of theirs may hide that the file lacks some. Blocks that were never
    // written count as a hole there, so allocating may find nothing to do.
    private static boolean hasAllBlocks(int descriptor, FileFacts facts, FileSystemFacts fileSystem) {
        return fileSystem.countsPages()
                ? facts.allocatedBytes() >= facts.sizeBytes()
                : Posix.firstHole(descriptor) >= facts.sizeBytes();
    }

    /** Makes a file so many zeros, whatever it held. */
    static void allocateAnew(int descriptor, long bytes, boolean preallocate, Path path) {
        // First to nothing: what a dead creator left must not show through.
        int result = Posix.ftruncate(descriptor, 0);
        if (result == 0
                && preallocate
                && bytes > FileSystemFacts.ofDescriptor(descriptor).freeBytes()) {
            // Without this the attempt would fill the file system for as long as it runs, and hurt others.
            result = -Errno.ENOSPC;
        }
        if (result == 0) {
            result = Posix.ftruncate(descriptor, bytes);
        }
        if (result == 0 && preallocate) {
            result = Posix.allocate(descriptor, 0, bytes);
        }
        if (result < 0) {
            // Blocks already taken count as used: give them back before the message says what is available.
            Posix.ftruncate(descriptor, 0);
            throw noBlocks("new pool could not be given blocks", -result, descriptor, bytes, path);
        }
    }

    /**
     * Makes a file longer, durably; the new part reads as zero.
     *
     * @param preallocate whether the new part gets real blocks
     * @return 0 or minus the error number; the file has its old length then
     */
    static int lengthen(int descriptor, long oldBytes, long newBytes, boolean preallocate) {
        long missingBytes = newBytes - oldBytes;
        // An attempt that cannot succeed would leave the file system full for as long as it runs.
        boolean fits = !preallocate
                || missingBytes <= FileSystemFacts.ofDescriptor(descriptor).freeBytes();
        int result = fits ? 0 : -Errno.ENOSPC;
        if (result == 0 && missingBytes > 0) {
            result = Posix.ftruncate(descriptor, newBytes);
        }
        if (result == 0 && missingBytes > 0 && preallocate) {
            result = Posix.allocate(descriptor, oldBytes, missingBytes);
        }
        if (result == 0) {
            result = Posix.fsync(descriptor);
        }
        if (result < 0 && missingBytes > 0) {
            Posix.ftruncate(descriptor, oldBytes);
        }
        return result;
    }

    private static PoolOpenException noBlocks(String what, int error, int descriptor, long bytes, Path path) {
        long available = FileSystemFacts.ofDescriptor(descriptor).availableBytes();
        return Errno.refusal(what, error, path, "neededBytes=" + bytes + " availableBytes=" + available + " ");
    }
}
