package pmem.mapping;

import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.Optional;
import pmem.api.PoolIoException;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;

/**
 * The open and locked file of a region: descriptor, lock, name, blocks.
 *
 * <p>The lock is {@code flock(2)}, which belongs to the open file: it refuses a second opening in this process too, and the
 * kernel gives it back when the process dies. A new file is built under the name {@code NAME.creating} and gets its own
 * name in {@link #publish}. Whoever locks such a file checks afterwards that it still has that name, because the previous
 * holder may have published it or thrown it away in between.
 */
final class PoolFile {
    /** Added to the name of a file that is not published yet. */
    static final String CREATING_SUFFIX = ".creating";

    private static final long PAGE_BYTES = 4096;
    private static final int NEW_FILE_MODE = 0600;
    private static final int ATTEMPTS = 16;

    private final Path path;
    private final int descriptor;
    // Changes under the region's lock.
    private volatile long bytes;
    private final Medium medium;
    private final long granularityBytes;
    private final boolean tellsHoles;
    private final Cleaner.Cleanable closing;
    // The name to take away again on close; empty once published. Guarded by the region's lock.
    private Optional<Path> unpublished;

    private PoolFile(
            Path path, int descriptor, long bytes, Medium medium, long granularityBytes, Optional<Path> unpublished) {
        this.path = path;
        this.descriptor = descriptor;
        this.bytes = bytes;
        this.medium = medium;
        this.granularityBytes = granularityBytes;
        this.tellsHoles = medium.kind() != Medium.Kind.DEVDAX && FileBlocks.tellsHoles(descriptor, bytes);
        this.unpublished = unpublished;
        this.closing = Platform.CLEANER.register(this, new Closing(descriptor));
    }

    /**
     * Opens and locks a file whose length can be a pool's. Content never changes; a file without holes is not changed at all.
     *
     * @param preallocate whether to give holes real blocks: touching a mapped hole on a full file system would kill the process
     */
    static PoolFile open(Path path, boolean preallocate, FileLock lock, Sysfs sysfs) {
        return open(path, Posix.O_RDWR, preallocate, lock, sysfs);
    }

    /** Opens a file to be read; holes stay holes. */
    static PoolFile view(Path path, FileLock lock, Sysfs sysfs) {
        return open(path, Posix.O_RDONLY, false, lock, sysfs);
    }

    private static PoolFile open(Path path, int access, boolean preallocate, FileLock lock, Sysfs sysfs) {
        Optional<DaxDevice> device = deviceAt(path, sysfs);
        if (device.isPresent()) {
            return openDevice(path, access, device.get(), device.get().usableBytes(), lock, sysfs);
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            FileFacts.of(path).ifPresent(facts -> requireRegular(facts, path));
            int descriptor = descriptorOf(path, path, access | Posix.O_CLOEXEC | Posix.O_NONBLOCK);
            boolean kept = false;
            try {
                FileFacts facts = requireLocked(lock.take(descriptor), descriptor, path, path);
                requireRegular(facts, path);
                if (hasName(facts, path)) {
                    requirePoolLength(facts, path);
                    if (preallocate) {
                        FileBlocks.fillHoles(descriptor, facts, path);
                    }
                    kept = true;
                    // What is left over after the last page belongs to no pool, since capacities are whole pages.
                    return ofFile(path, descriptor, facts.sizeBytes() & -PAGE_BYTES, sysfs, Optional.empty());
                }
            } finally {
                if (!kept) {
                    Posix.close(descriptor);
                }
            }
        }
        throw restless(path);
    }

    /**
     * Makes and locks a file of zeros that {@link #publish} will give the name {@code path}.
     *
     * @param preallocate whether it has real blocks already, or is one hole
     */
    static PoolFile create(Path path, long bytes, boolean preallocate, Sysfs sysfs) {
        Path creating = path.resolveSibling(path.getFileName() + CREATING_SUFFIX);
        requireAbsent(path);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            FileFacts.ofName(creating).ifPresent(facts -> requireRegular(facts, creating));
            int flags = Posix.O_RDWR | Posix.O_CREAT | Posix.O_CLOEXEC | Posix.O_NOFOLLOW | Posix.O_NONBLOCK;
            int descriptor = descriptorOf(creating, path, flags);
            boolean owned = false;
            boolean kept = false;
            try {
                int locked = Posix.lockExclusively(descriptor);
                FileFacts facts = requireLocked(locked, descriptor, creating, path);
                requireRegular(facts, path);
                owned = hasName(facts, creating);
                if (owned) {
                    requireAbsent(path);
                    FileBlocks.allocateAnew(descriptor, bytes, preallocate, path);
                    kept = true;
                    return ofFile(path, descriptor, bytes, sysfs, Optional.of(creating));
                }
            } finally {
                if (!kept) {
                    // Under the lock: a file that another process has since made must not lose its name.
                    if (owned) {
                        Posix.unlink(creating);
                    }
                    Posix.close(descriptor);
                }
            }
        }
        throw restless(path);
    }

    private static PoolFile ofFile(Path path, int descriptor, long bytes, Sysfs sysfs, Optional<Path> unpublished) {
        Medium medium = Medium.ofFile(descriptor, sysfs);
        return new PoolFile(path, descriptor, bytes, medium, AddressRange.ALIGNMENT_BYTES, unpublished);
    }

    /** The device of persistent memory at a path, if that is what is there. */
    static Optional<DaxDevice> deviceAt(Path path, Sysfs sysfs) {
        return FileFacts.of(path).flatMap(facts -> DeviceFile.of(facts, sysfs));
    }

    /**
     * Locks the first bytes of a device for a new pool. Nothing is erased: whoever makes the pool looks first what is there.
     */
    static PoolFile takeDevice(Path path, DaxDevice device, long capacityBytes, FileLock lock, Sysfs sysfs) {
        DeviceFile.requireUsable(device, path);
        long bytes = DeviceFile.requireRoom(device, capacityBytes, path);
        return openDevice(path, Posix.O_RDWR, device, bytes, lock, sysfs);
    }

    private static PoolFile openDevice(
            Path path, int access, DaxDevice device, long bytes, FileLock lock, Sysfs sysfs) {
        DeviceFile.requireUsable(device, path);
        int descriptor = descriptorOf(path, path, access | Posix.O_CLOEXEC | Posix.O_NONBLOCK);
        boolean kept = false;
        try {
            FileFacts facts = requireLocked(lock.take(descriptor), descriptor, path, path);
            if (!DeviceFile.of(facts, sysfs).equals(Optional.of(device))) {
                throw restless(path);
            }
            Medium medium = DeviceFile.requireMedium(descriptor, device, path);
            PoolFile file = new PoolFile(path, descriptor, bytes, medium, device.granularityBytes(), Optional.empty());
            kept = true;
            return file;
        } finally {
            if (!kept) {
                Posix.close(descriptor);
            }
        }
    }

    int descriptor() {
        return descriptor;
    }

    /** What lies behind it. */
    Medium medium() {
        return medium;
    }

    /** Whether it is a device, which has no blocks to give and cannot be read but through a mapping. */
    boolean isDevice() {
        return medium.kind() == Medium.Kind.DEVDAX;
    }

    /** What the address of its mapping must be a multiple of. */
    long granularityBytes() {
        return granularityBytes;
    }

    long bytes() {
        return bytes;
    }

    /** Makes the file longer, durably; returns 0 or minus the error number, and then its length is what it was. */
    int lengthen(long newBytes, boolean preallocate) {
        int result = FileBlocks.lengthen(descriptor, bytes, newBytes, preallocate);
        if (result == 0) {
            bytes = newBytes;
        }
        return result;
    }

    /** Cuts off what comes after a length, if anything; returns 0 or minus the error number, and then its length is what it was. */
    int shorten(long newBytes) {
        int result = newBytes < bytes ? Posix.ftruncate(descriptor, newBytes) : 0;
        if (result == 0) {
            bytes = Math.min(bytes, newBytes);
        }
        return result;
    }

    /**
     * Makes content and length durable, then the name. Persistence order: the name must not be on media before the content,
     * or a crash would show half a pool under it.
     *
     * @throws PoolOpenException with {@link Reason#EXISTS} if somebody else took the name
     * @throws PoolIoException if the system could not make it durable
     */
    void publish() {
        if (unpublished.isEmpty()) {
            return;
        }
        Path creating = unpublished.get();
        // fsync covers pages dirtied through the mapping, on DAX also dirty cache lines.
        requireDurable(Posix.fsync(descriptor), "new pool could not be made durable", path);
        int result = Posix.renameNoReplace(creating, path);
        if (result == -Errno.EINVAL || result == -Errno.ENOSYS) {
            // Every creator of this name holds the lock of the .creating file, so only strangers could come between.
            requireAbsent(path);
            result = Posix.rename(creating, path);
        }
        if (result < 0) {
            throw Errno.refusal("new pool could not be given its name", -result, path, "");
        }
        unpublished = Optional.empty();
        syncDirectory();
    }

    /** Whether holes of the file are known to read as zero, and are worth looking for. */
    boolean tellsHoles() {
        return tellsHoles;
    }

    /** Whether the file has its own name. */
    boolean isPublished() {
        return unpublished.isEmpty();
    }

    /** Gives the lock back; an unpublished file vanishes. Idempotent. */
    void close() {
        unpublished.ifPresent(Posix::unlink);
        unpublished = Optional.empty();
        closing.clean();
    }

    private void syncDirectory() {
        Path directory = directoryOf(path);
        int opened = Posix.open(directory, Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_CLOEXEC, 0);
        requireDurable(opened, "directory could not be opened to make the new name durable", directory);
        int result = Posix.fsync(opened);
        Posix.close(opened);
        // Some file systems have no such operation on directories; their names are durable by other means.
        requireDurable(result == -Errno.EINVAL ? 0 : result, "new name could not be made durable", directory);
    }

    private static int descriptorOf(Path file, Path pool, int flags) {
        int descriptor = Posix.open(file, flags, NEW_FILE_MODE);
        if (descriptor < 0) {
            throw Errno.refusal("file could not be opened", -descriptor, pool, permissionFacts(-descriptor, pool));
        }
        return descriptor;
    }

    private static FileFacts requireLocked(int result, int descriptor, Path file, Path pool) {
        FileFacts facts = FileFacts.ofDescriptor(descriptor)
                .orElseThrow(() -> new PoolOpenException(Reason.SYSTEM, "file could not be looked at: pool=" + pool));
        if (result == -Errno.EAGAIN) {
            throw new PoolOpenException(
                    Reason.LOCKED,
                    (file.equals(pool) ? "pool is open already: pool=" : "pool is being created already: pool=") + pool
                            + " " + LockHolder.describe(facts)
                            + "; one process can have a pool open at a time, close it there or wait longer for it");
        }
        if (result < 0) {
            throw Errno.refusal("file could not be locked", -result, pool, "");
        }
        return facts;
    }

    private static boolean hasName(FileFacts facts, Path name) {
        return FileFacts.of(name).filter(facts::isSameFile).isPresent();
    }

    private static void requireRegular(FileFacts facts, Path path) {
        if (!facts.isRegular()) {
            throw new PoolOpenException(
                    Reason.NOT_A_FILE,
                    "path cannot hold a pool: expected=regular-file found=" + facts.kind() + " pool=" + path
                            + (facts.isCharacterDevice()
                                    ? "; the system does not know it as a DAX device, use /dev/daxX.Y or a file"
                                    : ""));
        }
    }

    private static void requireAbsent(Path path) {
        if (FileFacts.ofName(path).isPresent()) {
            throw new PoolOpenException(
                    Reason.EXISTS,
                    "pool cannot be created: something has its name already, pool=" + path
                            + "; open it, or choose another name");
        }
    }

    private static void requirePoolLength(FileFacts facts, Path path) {
        if (facts.sizeBytes() < PAGE_BYTES) {
            throw new PoolOpenException(
                    Reason.NOT_A_POOL,
                    "file is not a pool: expected a length of at least " + PAGE_BYTES
                            + " bytes, sizeBytes=" + facts.sizeBytes() + " pool=" + path
                            + "; the file was not changed");
        }
    }

    private static PoolOpenException restless(Path path) {
        return new PoolOpenException(
                Reason.SYSTEM,
                "file was replaced while it was being opened: pool=" + path + " attempts=" + ATTEMPTS
                        + "; find out who replaces it, then open again");
    }

    private static String permissionFacts(int error, Path path) {
        if (Errno.reason(error) != Reason.NO_PERMISSION) {
            return "";
        }
        return FileFacts.of(path)
                .or(() -> FileFacts.of(directoryOf(path)))
                .map(facts -> "found=" + facts.permissions() + " ")
                .orElse("owner=unknown mode=unknown ");
    }

    private static void requireDurable(int result, String what, Path path) {
        if (result < 0) {
            throw new PoolIoException(what + ": path=" + path + " " + Errno.describe(-result)
                    + "; check the device, then create the pool again");
        }
    }

    private static Path directoryOf(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    private record Closing(int descriptor) implements Runnable {
        @Override
        public void run() {
            Posix.close(descriptor);
        }
    }
}
