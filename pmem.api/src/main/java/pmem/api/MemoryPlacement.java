package pmem.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;

/**
 * Where the pages of a pool are to be and when they are made. Immutable; each method returns a changed copy. All of it is
 * about speed: what it asks for never changes what a pool survives, and is not recorded in the pool.
 */
public final class MemoryPlacement {
    private static final MemoryPlacement ANYWHERE =
            new MemoryPlacement(List.of(), Optional.empty(), false, 0, ignored -> {});

    private final List<Integer> numaNodes;
    private final Optional<IntSupplier> simulation;
    private final boolean hugePages;
    private final int prefaultThreads;
    private final LongConsumer prefaulted;

    private MemoryPlacement(
            List<Integer> numaNodes,
            Optional<IntSupplier> simulation,
            boolean hugePages,
            int prefaultThreads,
            LongConsumer prefaulted) {
        this.numaNodes = numaNodes;
        this.simulation = simulation;
        this.hugePages = hugePages;
        this.prefaultThreads = prefaultThreads;
        this.prefaulted = prefaulted;
    }

    /** The system decides, page by page at the first touch. */
    public static MemoryPlacement anywhere() {
        return ANYWHERE;
    }

    /**
     * Takes pages from this NUMA node alone. Has effect on anonymous memory and on files in memory (tmpfs), whose pages are
     * all made and moved at open; pages of other files are where the kernel has cached them, and persistent memory is where it is plugged in.
     *
     * @throws IllegalArgumentException if the number is negative
     */
    public MemoryPlacement onNode(int numaNode) {
        return overNodes(numaNode);
    }

    /**
     * Divides the pool among NUMA nodes, where {@link #onNode} has effect: the first part of its capacity has pages of the first node
     * alone, the next part those of the next, all parts being as long in multiples of 2 MiB. A pool that grows goes on with parts of
     * that length. A block never crosses from one part to another, so none is longer than a part.
     *
     * <p>With the {@code segregated} policy each node has slabs of its own: a thread gets blocks of the node it runs on,
     * an {@linkplain Pool#access(int) access} those of the node it names, and blocks of other nodes only when there is no room on
     * that one. Other policies divide the pages and not the blocks.
     *
     * @param nodes numbers of the nodes, each once
     * @throws IllegalArgumentException if there is none, one is negative, or one comes twice
     */
    public MemoryPlacement overNodes(int... nodes) {
        return new MemoryPlacement(distinct(nodes), Optional.empty(), hugePages, prefaultThreads, prefaulted);
    }

    /**
     * Divides the pool as {@link #overNodes} does, but leaves its pages wherever the system puts them: to study or test what a
     * machine with several nodes does on one that has a single node.
     *
     * @param nodeOfThread says on which node the calling thread is to be; any other number for none of them. Called by many threads
     * @param nodes numbers of the nodes, each once
     * @throws IllegalArgumentException as {@link #overNodes}
     */
    public MemoryPlacement simulatedNodes(IntSupplier nodeOfThread, int... nodes) {
        return new MemoryPlacement(distinct(nodes), Optional.of(nodeOfThread), hugePages, prefaultThreads, prefaulted);
    }

    private static List<Integer> distinct(int[] nodes) {
        List<Integer> distinct = new ArrayList<>();
        for (int node : nodes) {
            if (node < 0 || distinct.contains(node)) {
                throw new IllegalArgumentException(
                        "NUMA node is not usable: expected 0 or more, each once, found=" + node);
            }
            distinct.add(node);
        }
        if (distinct.isEmpty()) {
            throw new IllegalArgumentException(
                    "NUMA nodes are missing: expected one or more; name them, or leave it alone");
        }
        return List.copyOf(distinct);
    }

    /** Asks for pages of 2 MiB where the kernel has them for such memory; fewer misses of the address cache. */
    public MemoryPlacement hugePages() {
        return new MemoryPlacement(numaNodes, simulation, true, prefaultThreads, prefaulted);
    }

    /**
     * Makes all pages while the pool is opened, so that no later access pays for it. Ignored for pools that are not
     * preallocated.
     *
     * @param threads how many threads make pages at once, at least 1
     * @param prefaulted receives the number of bytes made so far, from any of the threads, one at a time
     * @throws IllegalArgumentException if {@code threads < 1}
     */
    public MemoryPlacement prefault(int threads, LongConsumer prefaulted) {
        if (threads < 1) {
            throw new IllegalArgumentException("number of threads is not usable: expected 1 or more, found=" + threads);
        }
        return new MemoryPlacement(numaNodes, simulation, hugePages, threads, prefaulted);
    }

    /** The nodes asked for, in their order; empty if the system decides. */
    public List<Integer> numaNodes() {
        return numaNodes;
    }

    /** Says on which node a thread is to be, if the nodes are simulated: no page is bound then. */
    public Optional<IntSupplier> simulation() {
        return simulation;
    }

    /** Whether pages of 2 MiB are asked for. */
    public boolean wantsHugePages() {
        return hugePages;
    }

    /** Threads that make pages at open; 0 if none are made. */
    public int prefaultThreads() {
        return prefaultThreads;
    }

    /** Receives the number of bytes made. */
    public LongConsumer prefaulted() {
        return prefaulted;
    }
}
