package pmem.mapping;

import java.util.ArrayList;
import java.util.List;
import pmem.api.Durability;
import pmem.api.DurabilityDomain;

/**
 * What write-back and fence do in one region.
 *
 * @param kind one of the constants; an int, so that the region's hot path is a compare of a field and a direct call
 * @param durability what it is called in reports
 * @param sharing flags that map the file
 */
record Mechanism(int kind, Durability durability, int sharing) {
    /** Nothing outlives the process: nothing to do. */
    static final int NOTHING = 0;
    /** The kernel keeps what was stored: only the order of stores matters. */
    static final int STORE_ORDER = 1;
    /** The caches are persistent: stores must have left the processor's store buffer. */
    static final int STORE_FENCE = 2;
    /** Lines are written back by the processor. */
    static final int CACHE_LINES = 3;
    /** Pages are written back by the kernel. */
    static final int PAGES = 4;

    private static final int SYNCHRONOUS = Posix.MAP_SHARED_VALIDATE | Posix.MAP_SYNC;

    static Mechanism inMemory() {
        return new Mechanism(
                NOTHING,
                new Durability(DurabilityDomain.VOLATILE, "none", "none", List.of()),
                Posix.MAP_PRIVATE | Posix.MAP_ANONYMOUS);
    }

    /**
     * For a file.
     *
     * @param notes how the domain was chosen
     * @param cacheLineObstacle why cache lines cannot be written back here; empty if they can
     */
    static Mechanism of(DurabilityDomain domain, List<String> notes, String cacheLineObstacle) {
        return switch (domain) {
            case SYNCHRONOUS_DAX -> cacheLines(domain, SYNCHRONOUS, notes, cacheLineObstacle);
            case FORCED_CACHE_LINE -> cacheLines(domain, Posix.MAP_SHARED, notes, cacheLineObstacle);
            case PERSISTENT_CACHES ->
                new Mechanism(STORE_FENCE, new Durability(domain, "none", "store fence", notes), SYNCHRONOUS);
            case PAGE_CACHE_POWER_FAIL_SAFE -> pages(domain, Posix.MAP_SHARED, notes);
            case PAGE_CACHE_PROCESS_KILL_SAFE ->
                new Mechanism(STORE_ORDER, new Durability(domain, "none", "store order", notes), Posix.MAP_SHARED);
            case VOLATILE -> throw new IllegalArgumentException("a file is not volatile memory");
        };
    }

    private static Mechanism cacheLines(
            DurabilityDomain domain, int sharing, List<String> notes, String cacheLineObstacle) {
        if (cacheLineObstacle.isEmpty()) {
            String instruction = CacheLines.instruction().mnemonic();
            return new Mechanism(CACHE_LINES, new Durability(domain, instruction, "sfence", notes), sharing);
        }
        String note = "cache lines cannot be written back from this process, pages are flushed by msync instead: "
                + cacheLineObstacle;
        List<String> more = new ArrayList<>(notes);
        more.add(note);
        return pages(domain, sharing, more);
    }

    private static Mechanism pages(DurabilityDomain domain, int sharing, List<String> notes) {
        return new Mechanism(PAGES, new Durability(domain, "msync", "msync", notes), sharing);
    }
}
