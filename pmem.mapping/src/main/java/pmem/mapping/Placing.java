package pmem.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import pmem.api.MemoryPlacement;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.spi.NodeStretches;

/**
 * Does to a new mapping what its opener asked for in the way of speed.
 *
 * @param placement what was asked for
 * @param stretches which node each byte of the region belongs to
 * @param populate whether every page has storage, so that making it cannot fail halfway
 * @param pagesExist whether the file has its pages in memory already, wherever they are
 * @param name of the pool, for messages
 */
record Placing(MemoryPlacement placement, NodeStretches stretches, boolean populate, boolean pagesExist, String name) {

    /** For a region of this size. */
    static Placing of(
            MemoryPlacement placement, long capacityBytes, boolean populate, boolean pagesExist, String name) {
        NodeStretches stretches = NodeStretches.over(placement.numaNodes(), capacityBytes);
        return new Placing(placement, stretches, populate, pagesExist, name);
    }

    /**
     * Applies it to a range of the region; what the kernel does not do for such memory comes back as notes.
     *
     * @param baseAddress of the region's first byte
     * @throws PoolOpenException with {@link Reason#SYSTEM} if there is no such node
     */
    List<String> apply(long baseAddress, long offset, long endOffset) {
        List<String> notes = new ArrayList<>();
        boolean binding = !stretches.nodes().isEmpty() && placement.simulation().isEmpty();
        if (binding) {
            bind(baseAddress, offset, endOffset);
        }
        long address = baseAddress + offset;
        long bytes = endOffset - offset;
        if (placement.wantsHugePages()) {
            int result = MemoryCalls.advise(address, bytes, MemoryCalls.MADV_HUGEPAGE);
            if (result < 0) {
                notes.add("huge pages are not to be had: " + Errno.describe(-result));
            }
        }
        // Only pages that this mapping shows can be moved.
        boolean moving = binding && pagesExist;
        int threads = Math.max(placement.prefaultThreads(), moving ? 1 : 0);
        if (threads > 0 && populate) {
            int result = Prefault.run(address, bytes, threads, placement.prefaulted());
            if (result < 0) {
                notes.add("pages were not made at open: " + Errno.describe(-result));
            }
        }
        if (moving) {
            bind(baseAddress, offset, endOffset);
        }
        return notes;
    }

    private void bind(long baseAddress, long offset, long endOffset) {
        long at = offset;
        while (at < endOffset) {
            long end = Math.min(endOffset, stretches.endOfStretch(at));
            bindTo(stretches.nodes().get(stretches.indexAt(at)), baseAddress + at, end - at);
            at = end;
        }
    }

    private void bindTo(int node, long address, long bytes) {
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
