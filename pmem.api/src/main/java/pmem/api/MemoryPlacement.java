package pmem.api;

import java.util.OptionalInt;
import java.util.function.LongConsumer;

/**
 * Where the pages of a pool are to be and when they are made. Immutable; each method returns a changed copy. All of it is
 * about speed: what it asks for never changes what a pool survives, and is not recorded in the pool.
 */
public final class MemoryPlacement {
    private static final MemoryPlacement ANYWHERE = new MemoryPlacement(OptionalInt.empty(), false, 0, ignored -> {});

    private final OptionalInt numaNode;
    private final boolean hugePages;
    private final int prefaultThreads;
    private final LongConsumer prefaulted;

    private MemoryPlacement(OptionalInt numaNode, boolean hugePages, int prefaultThreads, LongConsumer prefaulted) {
        this.numaNode = numaNode;
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
        if (numaNode < 0) {
            throw new IllegalArgumentException("NUMA node is not usable: expected 0 or more, found=" + numaNode);
        }
        return new MemoryPlacement(OptionalInt.of(numaNode), hugePages, prefaultThreads, prefaulted);
    }

    /** Asks for pages of 2 MiB where the kernel has them for such memory; fewer misses of the address cache. */
    public MemoryPlacement hugePages() {
        return new MemoryPlacement(numaNode, true, prefaultThreads, prefaulted);
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
        return new MemoryPlacement(numaNode, hugePages, threads, prefaulted);
    }

    /** The node asked for, if any. */
    public OptionalInt numaNode() {
        return numaNode;
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
