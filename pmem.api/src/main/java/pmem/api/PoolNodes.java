package pmem.api;

import java.util.List;
import java.util.OptionalInt;

/**
 * The NUMA nodes of a pool that was opened with {@link MemoryPlacement#overNodes}. A part of {@link Pool}, whose words on threads,
 * crashes and errors hold here too.
 */
public interface PoolNodes {
    /**
     * The nodes whose blocks the pool keeps apart, in the order of its parts; empty if it has no such nodes, or a policy that does
     * not keep them apart.
     */
    List<Integer> numaNodes();

    /**
     * The node whose part of the pool a block is in; nothing if the pool is not divided. Whether the system has bound its pages to that
     * node is said at {@link MemoryPlacement#onNode}.
     *
     * @throws InvalidHandleException if the handle does not name a live or reserved block
     */
    OptionalInt numaNodeOf(long handle);

    /**
     * Opens an access as {@link Pool#access()}, whose blocks are of one node, wherever its thread runs; of another only when that node
     * has no room.
     *
     * @param numaNode number of the node
     * @throws IllegalArgumentException if it is not among {@link #numaNodes}
     * @throws IllegalStateException if as many are open as {@link PoolOptions#accessLimit} allows
     */
    PoolAccess access(int numaNode);
}
