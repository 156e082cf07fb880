package pmem.mapping;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The system calls about pages that are mapped already. Results as in {@link Posix}. Those on NUMA have no function in the C
 * library and are called by their number. Thread-safe.
 */
final class MemoryCalls {
    static final int MADV_DONTNEED = 4;
    static final int MADV_HUGEPAGE = 14;
    static final int MADV_POPULATE_WRITE = 23;

    /** Largest number of a node plus one that the calls below take. */
    static final int NODES_MAX = 1024;

    private static final int MPOL_BIND = 2;
    private static final int MPOL_MF_MOVE = 2;
    private static final long SYS_MBIND = Platform.AARCH64 ? 235 : 237;
    private static final long SYS_MOVE_PAGES = Platform.AARCH64 ? 239 : 279;
    private static final long PAGE_BYTES = 4096;
    private static final int PAGES_PER_CALL_MAX = 4096;

    private static final MethodHandle MADVISE =
            Posix.find("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle SYSCALL = Posix.find(
            "syscall",
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    private static final MethodHandle SYSCALL_ADDRESSES = Posix.find(
            "syscall",
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));

    private MemoryCalls() {}

    /** Tells the kernel how a range will be used, or makes its pages. */
    static int advise(long address, long bytes, int advice) {
        try {
            return Posix.checked((int) MADVISE.invokeExact(Posix.captured(), address, bytes, advice));
        } catch (Throwable failure) {
            throw Posix.unexpected("madvise", failure);
        }
    }

    /** Takes the pages of a range from one node alone, and moves those that are elsewhere. */
    static int bind(long address, long bytes, int node) {
        if (node >= NODES_MAX) {
            return -Errno.EINVAL;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment nodes = arena.allocate(NODES_MAX / Byte.SIZE, Long.BYTES);
            nodes.setAtIndex(JAVA_LONG, node / Long.SIZE, 1L << node);
            // The kernel takes one bit less than it is told.
            long maxNode = NODES_MAX + 1L;
            return (int) Posix.checked((long) SYSCALL.invokeExact(
                    Posix.captured(), SYS_MBIND, address, bytes, (long) MPOL_BIND, nodes, maxNode, (long)
                            MPOL_MF_MOVE));
        } catch (Throwable failure) {
            throw Posix.unexpected("mbind", failure);
        }
    }

    /** The node of each page of 4096 bytes of a range, or minus the error number where a page is not there. */
    static int[] nodes(long address, long bytes) {
        int pages = Math.toIntExact((bytes + PAGE_BYTES - 1) / PAGE_BYTES);
        int[] nodes = new int[pages];
        for (int first = 0; first < pages; first += PAGES_PER_CALL_MAX) {
            nodesOf(address + first * PAGE_BYTES, nodes, first, Math.min(PAGES_PER_CALL_MAX, pages - first));
        }
        return nodes;
    }

    private static void nodesOf(long address, int[] nodes, int first, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pages = arena.allocate(JAVA_LONG, count);
            MemorySegment status = arena.allocate(JAVA_INT, count);
            for (int page = 0; page < count; page++) {
                pages.setAtIndex(JAVA_LONG, page, address + page * PAGE_BYTES);
                status.setAtIndex(JAVA_INT, page, -Errno.ENOENT);
            }
            // No target nodes: the kernel only says where the pages are.
            long result = Posix.checked((long) SYSCALL_ADDRESSES.invokeExact(
                    Posix.captured(), SYS_MOVE_PAGES, 0L, (long) count, pages, 0L, status, 0L));
            for (int page = 0; page < count; page++) {
                nodes[first + page] = result < 0 ? (int) result : status.getAtIndex(JAVA_INT, page);
            }
        } catch (Throwable failure) {
            throw Posix.unexpected("move_pages", failure);
        }
    }
}
