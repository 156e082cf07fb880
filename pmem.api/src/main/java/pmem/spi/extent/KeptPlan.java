package pmem.spi.extent;

/**
 * Which freed large blocks a policy keeps for the next requests of their length, before their pages are free for everything else.
 *
 * @param blockBytes largest block that is kept, 0 for none
 * @param totalBytes most bytes of all kept blocks together; each of {@value #GROUPS} groups of threads on each NUMA node keeps its
 *     share
 */
public record KeptPlan(long blockBytes, long totalBytes) {
    /** Groups that threads are divided among on each NUMA node, a power of two. */
    public static final int GROUPS = 4;

    /** Nothing is kept. */
    public static final KeptPlan NONE = new KeptPlan(0, 0);
}
