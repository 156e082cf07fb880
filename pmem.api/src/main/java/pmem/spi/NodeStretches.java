package pmem.spi;

import java.util.List;

/**
 * How the bytes of a region are divided among NUMA nodes: in stretches of one length, the first for the first node, the next for the
 * next, and again from the first. A region that grows goes on with the pattern. Immutable.
 *
 * @param nodes numbers of the nodes, each once; empty if the region is not divided
 * @param stretchBytes length of a stretch, a multiple of 4096 or {@link Long#MAX_VALUE} for all there is; counted from the region's start
 */
public record NodeStretches(List<Integer> nodes, long stretchBytes) {
    /** A region that is not divided. */
    public static final NodeStretches NONE = new NodeStretches(List.of(), Long.MAX_VALUE);

    private static final long HUGE_PAGE_BYTES = 2 << 20;

    /** Takes an immutable copy. */
    public NodeStretches {
        nodes = List.copyOf(nodes);
    }

    /** One stretch for each node, in multiples of 2 MiB, in a region of this size; one node has all there ever is. */
    public static NodeStretches over(List<Integer> nodes, long capacityBytes) {
        if (nodes.size() <= 1) {
            return new NodeStretches(nodes, Long.MAX_VALUE);
        }
        long share = (capacityBytes + nodes.size() - 1) / nodes.size();
        return new NodeStretches(nodes, (share + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES);
    }

    /** Number of nodes, at least 1: what is not divided counts as one. */
    public int count() {
        return Math.max(1, nodes.size());
    }

    /** Place in {@link #nodes} of the node that an offset belongs to; 0 if the region is not divided. */
    public int indexAt(long offset) {
        return (int) (offset / stretchBytes % count());
    }

    /** First offset behind the stretch that an offset is in. */
    public long endOfStretch(long offset) {
        return stretchBytes == Long.MAX_VALUE ? Long.MAX_VALUE : (offset / stretchBytes + 1) * stretchBytes;
    }
}
