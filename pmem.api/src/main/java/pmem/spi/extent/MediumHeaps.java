package pmem.spi.extent;

import java.util.Arrays;
import java.util.Iterator;
import java.util.function.IntFunction;

/** The heaps of medium blocks: some for each NUMA node, which threads are divided among by their ids. Immutable. */
final class MediumHeaps implements Iterable<MediumHeap> {
    /** Those of a node side by side. */
    private final MediumHeap[] heaps;

    private final int heapsOfNode;
    private final int nodeCount;

    /**
     * Makes them.
     *
     * @param heapsOfNode how many each node has, a power of two
     * @param heap makes one of a node
     */
    MediumHeaps(int nodeCount, int heapsOfNode, IntFunction<MediumHeap> heap) {
        this.nodeCount = nodeCount;
        this.heapsOfNode = heapsOfNode;
        heaps = new MediumHeap[nodeCount * heapsOfNode];
        Arrays.setAll(heaps, i -> heap.apply(i / heapsOfNode));
    }

    int nodeCount() {
        return nodeCount;
    }

    /** How many heaps each node has. */
    int ofNode() {
        return heapsOfNode;
    }

    /** The heap of a thread for a node. */
    MediumHeap of(int node, int thread) {
        return heaps[node * heapsOfNode + (thread & (heapsOfNode - 1))];
    }

    /** All of them. */
    @Override
    public Iterator<MediumHeap> iterator() {
        return Arrays.asList(heaps).iterator();
    }
}
