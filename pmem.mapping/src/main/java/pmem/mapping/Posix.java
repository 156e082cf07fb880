package pmem.mapping;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The system calls of this module, for Linux on 64-bit processors.
 *
 * <p>A result is what the kernel itself returns: a value that is not negative, or minus the error number
 * ({@link Errno}). All calls are ordinary downcalls: they may block, and a critical downcall would hold off safepoints. Thread-safe.
 */
@SuppressWarnings("restricted")
final class Posix {
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x8_0000;
    static final int O_NOFOLLOW = Platform.AARCH64 ? 0x8000 : 0x2_0000;
    static final int O_DIRECTORY = Platform.AARCH64 ? 0x4000 : 0x1_0000;
    static final int O_TMPFILE = 0x40_0000 | O_DIRECTORY;

    static final int PROT_NONE = 0;
    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;
    static final int PROT_EXEC = 4;

    static final int MAP_SHARED = 1;
    static final int MAP_PRIVATE = 2;
    static final int MAP_SHARED_VALIDATE = 3;
    static final int MAP_FIXED = 0x10;
    static final int MAP_ANONYMOUS = 0x20;
    static final int MAP_NORESERVE = 0x4000;
    static final int MAP_SYNC = 0x8_0000;

    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int MS_SYNC = 4;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int RENAME_NOREPLACE = 1;
    private static final long STRERROR_BYTES_MAX = 256;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURE_LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE_LAYOUT.varHandle(PathElement.groupElement("errno")).withInvokeExactBehavior();

    // One buffer per thread, so that a flush in a loop makes no garbage.
    private static final ThreadLocal<MemorySegment> CAPTURED =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE_LAYOUT));

    // Names in the encoding the JDK itself uses for paths.
    private static final Charset PATH_CHARSET = Charset.forName(System.getProperty("native.encoding", "UTF-8"));

    private static final MethodHandle OPEN = find(
            "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE = find("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle UNLINK = find("unlink", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle RENAME = find("rename", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle FLOCK = find("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle FTRUNCATE =
            find("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle POSIX_FALLOCATE =
            find("posix_fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FALLOCATE =
            find("fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle LSEEK =
            find("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle PREAD =
            find("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FSYNC = find("fsync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle FSTATFS = find("fstatfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle STATX =
            find("statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle MMAP = find(
            "mmap", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP = find("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle MPROTECT =
            find("mprotect", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle MSYNC =
            find("msync", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle STRERROR =
            LINKER.downcallHandle(symbol("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));
    // Not every C library has it; rename without it is then guarded by the lock alone.
    private static final Optional<MethodHandle> RENAMEAT2 = LINKER.defaultLookup()
            .find("renameat2")
            .map(address -> LINKER.downcallHandle(
                    address,
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT),
                    Linker.Option.captureCallState("errno")));

    private Posix() {}

    /** Opens a file; {@code mode} matters only when the flags create one. */
    static int open(Path path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString(), PATH_CHARSET);
            return checked((int) OPEN.invokeExact(CAPTURED.get(), name, flags, mode));
        } catch (Throwable failure) {
            throw unexpected("open", failure);
        }
    }

    /** Closes a descriptor, which gives its lock back. Never repeated: the descriptor is gone even after an error. */
    static int close(int descriptor) {
        try {
            return checked((int) CLOSE.invokeExact(CAPTURED.get(), descriptor));
        } catch (Throwable failure) {
            throw unexpected("close", failure);
        }
    }

    static int unlink(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            return checked((int) UNLINK.invokeExact(CAPTURED.get(), arena.allocateFrom(path.toString(), PATH_CHARSET)));
        } catch (Throwable failure) {
            throw unexpected("unlink", failure);
        }
    }

    /** Renames, replacing what has the new name. */
    static int rename(Path from, Path to) {
        try (Arena arena = Arena.ofConfined()) {
            return checked((int) RENAME.invokeExact(
                    CAPTURED.get(),
                    arena.allocateFrom(from.toString(), PATH_CHARSET),
                    arena.allocateFrom(to.toString(), PATH_CHARSET)));
        } catch (Throwable failure) {
            throw unexpected("rename", failure);
        }
    }

    /** Renames unless the new name exists; {@code EINVAL} or {@code ENOSYS} where that is not supported. */
    static int renameNoReplace(Path from, Path to) {
        if (RENAMEAT2.isEmpty()) {
            return -Errno.ENOSYS;
        }
        try (Arena arena = Arena.ofConfined()) {
            return checked((int) RENAMEAT2
                    .get()
                    .invokeExact(
                            CAPTURED.get(),
                            AT_FDCWD,
                            arena.allocateFrom(from.toString(), PATH_CHARSET),
                            AT_FDCWD,
                            arena.allocateFrom(to.toString(), PATH_CHARSET),
                            RENAME_NOREPLACE));
        } catch (Throwable failure) {
            throw unexpected("renameat2", failure);
        }
    }

    /** Locks the open file exclusively without waiting; {@code EWOULDBLOCK} if another open file has the lock. */
    static int lockExclusively(int descriptor) {
        return lock(descriptor, LOCK_EX | LOCK_NB);
    }

    /** Locks the open file against exclusive locks without waiting; {@code EWOULDBLOCK} if there is one. */
    static int lockShared(int descriptor) {
        return lock(descriptor, LOCK_SH | LOCK_NB);
    }

    private static int lock(int descriptor, int operation) {
        try {
            return checked((int) FLOCK.invokeExact(CAPTURED.get(), descriptor, operation));
        } catch (Throwable failure) {
            throw unexpected("flock", failure);
        }
    }

    static int ftruncate(int descriptor, long bytes) {
        try {
            return checked((int) FTRUNCATE.invokeExact(CAPTURED.get(), descriptor, bytes));
        } catch (Throwable failure) {
            throw unexpected("ftruncate", failure);
        }
    }

    /** Gives the whole range real blocks that read as they did before; repeats what a signal interrupted. */
    static int allocate(int descriptor, long offset, long bytes) {
        try {
            int error;
            do {
                // This call returns the error number itself and leaves errno alone.
                error = (int) POSIX_FALLOCATE.invokeExact(CAPTURED.get(), descriptor, offset, bytes);
            } while (error == Errno.EINTR);
            return -error;
        } catch (Throwable failure) {
            throw unexpected("posix_fallocate", failure);
        }
    }

    /**
     * As {@link #allocate}, but {@code EOPNOTSUPP} where the file system cannot do it at once: the C library would write to each
     * block instead, beside other writers.
     */
    static int allocateQuickly(int descriptor, long offset, long bytes) {
        try {
            int result;
            do {
                result = checked((int) FALLOCATE.invokeExact(CAPTURED.get(), descriptor, 0, offset, bytes));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable failure) {
            throw unexpected("fallocate", failure);
        }
    }

    /** Takes the blocks of a range away; it reads as zero then. The length stays. */
    static int punchHole(int descriptor, long offset, long bytes) {
        try {
            int result;
            do {
                result = checked((int) FALLOCATE.invokeExact(
                        CAPTURED.get(), descriptor, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, bytes));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable failure) {
            throw unexpected("fallocate", failure);
        }
    }

    /** Offset of the first byte without written blocks; the end of the file if there is none. */
    static long firstHole(int descriptor) {
        return nextHole(descriptor, 0);
    }

    /** Offset of the first byte at or after a place in the file without written blocks; its end if there is none. */
    static long nextHole(int descriptor, long offset) {
        return seek(descriptor, offset, SEEK_HOLE);
    }

    /** Offset of the first byte at or after a place in the file with written blocks; {@code ENXIO} if there is none. */
    static long nextData(int descriptor, long offset) {
        return seek(descriptor, offset, SEEK_DATA);
    }

    private static long seek(int descriptor, long offset, int whence) {
        try {
            return checked((long) LSEEK.invokeExact(CAPTURED.get(), descriptor, offset, whence));
        } catch (Throwable failure) {
            throw unexpected("lseek", failure);
        }
    }

    /** Reads from a place in the file; returns how many bytes. */
    static long read(int descriptor, long offset, MemorySegment into) {
        try {
            return checked((long) PREAD.invokeExact(CAPTURED.get(), descriptor, into, into.byteSize(), offset));
        } catch (Throwable failure) {
            throw unexpected("pread", failure);
        }
    }

    static int fsync(int descriptor) {
        try {
            int result;
            do {
                result = checked((int) FSYNC.invokeExact(CAPTURED.get(), descriptor));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable failure) {
            throw unexpected("fsync", failure);
        }
    }

    /** Fills a buffer of {@link FileFacts#STATX_BYTES} bytes for the file of a name or, following links, of a path. */
    static int statx(Path path, boolean followLinks, MemorySegment buffer) {
        return statx(AT_FDCWD, path.toString(), followLinks ? 0 : AT_SYMLINK_NOFOLLOW, buffer);
    }

    /** Fills a buffer of {@link FileFacts#STATX_BYTES} bytes for an open file. */
    static int statx(int descriptor, MemorySegment buffer) {
        return statx(descriptor, "", AT_EMPTY_PATH, buffer);
    }

    private static int statx(int directory, String path, int flags, MemorySegment buffer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path, PATH_CHARSET);
            return checked((int) STATX.invokeExact(CAPTURED.get(), directory, name, flags, STATX_BASIC_STATS, buffer));
        } catch (Throwable failure) {
            throw unexpected("statx", failure);
        }
    }

    /** Fills a buffer of {@link FileSystemFacts#STATFS_BYTES} bytes. */
    static int fstatfs(int descriptor, MemorySegment buffer) {
        try {
            return checked((int) FSTATFS.invokeExact(CAPTURED.get(), descriptor, buffer));
        } catch (Throwable failure) {
            throw unexpected("fstatfs", failure);
        }
    }

    /** Maps memory, or a file from its start; a result from -4095 to -1 is an error. */
    static long mmap(long address, long bytes, int protection, int flags, int descriptor) {
        return mmap(address, bytes, protection, flags, descriptor, 0);
    }

    /** Maps a file from an offset. */
    static long mmap(long address, long bytes, int protection, int flags, int descriptor, long offset) {
        try {
            return checked(
                    (long) MMAP.invokeExact(CAPTURED.get(), address, bytes, protection, flags, descriptor, offset));
        } catch (Throwable failure) {
            throw unexpected("mmap", failure);
        }
    }

    static int munmap(long address, long bytes) {
        try {
            return checked((int) MUNMAP.invokeExact(CAPTURED.get(), address, bytes));
        } catch (Throwable failure) {
            throw unexpected("munmap", failure);
        }
    }

    static int mprotect(long address, long bytes, int protection) {
        try {
            return checked((int) MPROTECT.invokeExact(CAPTURED.get(), address, bytes, protection));
        } catch (Throwable failure) {
            throw unexpected("mprotect", failure);
        }
    }

    /** Writes the dirty pages of a range to the device and waits for it. */
    static int msync(long address, long bytes) {
        try {
            return checked((int) MSYNC.invokeExact(CAPTURED.get(), address, bytes, MS_SYNC));
        } catch (Throwable failure) {
            throw unexpected("msync", failure);
        }
    }

    /** The system's text for an error number. */
    static String errorText(int error) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(error);
            return text.reinterpret(STRERROR_BYTES_MAX).getString(0);
        } catch (Throwable failure) {
            throw unexpected("strerror", failure);
        }
    }

    /** Views mapped memory; {@code onClose} is held, with all it refers to, for as long as the arena is open. */
    static MemorySegment view(long address, long bytes, Arena arena, Consumer<MemorySegment> onClose) {
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, onClose);
    }

    /** A function of the C library; its first parameter takes {@link #captured}. */
    static MethodHandle find(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker.Option[] all = new Linker.Option[options.length + 1];
        all[0] = Linker.Option.captureCallState("errno");
        System.arraycopy(options, 0, all, 1, options.length);
        return LINKER.downcallHandle(symbol(name), descriptor, all);
    }

    static MemorySegment symbol(String name) {
        return LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsupportedOperationException("C library lacks a function: name=" + name));
    }

    /** Where a call leaves its error number. */
    static MemorySegment captured() {
        return CAPTURED.get();
    }

    static int checked(int result) {
        return result == -1 ? -errno() : result;
    }

    static long checked(long result) {
        return result == -1 ? -errno() : result;
    }

    private static int errno() {
        return (int) ERRNO.get(CAPTURED.get(), 0L);
    }

    static RuntimeException unexpected(String function, Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("system call could not be made: function=" + function, failure);
    }
}
