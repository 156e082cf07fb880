package pmem.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import pmem.api.MemoryPlacement;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;

/** Does to a new mapping what its opener asked for in the way of speed. */
final class Placing {
    private Placing() {}

    /**
     * Applies it; what the kernel does not do for such memory comes back as notes.
     *
     * @param populate whether every page has storage, so that making it cannot fail halfway
     * @param pagesExist whether the file has its pages in memory already, wherever they are
     * @throws PoolOpenException with {@link Reason#SYSTEM} if there is no such node
     */
    static List<String> apply(
            MemoryPlacement placement, long address, long bytes, boolean populate, boolean pagesExist, String name) {
        List<String> notes = new ArrayList<>();
        placement.numaNode().ifPresent(node -> bind(address, bytes, node, name));
        if (placement.wantsHugePages()) {
            int result = MemoryCalls.advise(address, bytes, MemoryCalls.MADV_HUGEPAGE);
            if (result < 0) {
                notes.add("huge pages are not to be had: " + Errno.describe(-result));
            }
        }
        // Only pages that this mapping shows can be moved.
        boolean moving = placement.numaNode().isPresent() && pagesExist;
        int threads = Math.max(placement.prefaultThreads(), moving ? 1 : 0);
        if (threads > 0 && populate) {
            int result = Prefault.run(address, bytes, threads, placement.prefaulted());
            if (result < 0) {
                notes.add("pages were not made at open: " + Errno.describe(-result));
            }
        }
        if (moving) {
            bind(address, bytes, placement.numaNode().getAsInt(), name);
        }
        return notes;
    }

    private static void bind(long address, long bytes, int node, String name) {
        int result = MemoryCalls.bind(address, bytes, node);
        if (result < 0) {
            Set<Integer> nodes = new TreeSet<>(Sysfs.SYSTEM.nodes());
            throw new PoolOpenException(
                    Reason.SYSTEM,
                    "pages could not be bound to a NUMA node: expected one of " + nodes + ", asked=" + node + " pool="
                            + name + " " + Errno.describe(-result) + "; ask for another node or for none");
        }
    }
}
