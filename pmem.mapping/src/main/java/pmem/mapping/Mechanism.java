package pmem.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
     * For a file or device. Where lines cannot be written back by the processor, pages are flushed by {@code msync}, which
     * devices do not have.
     *
     * @param kind how stores reach the medium
     * @param notes how the domain was chosen
     * @param lines how cache lines are written back here, if they can be
     * @return empty if no way is left
     */
    static Optional<Mechanism> of(
            DurabilityDomain domain, Medium.Kind kind, List<String> notes, CacheLines.Availability lines) {
        return switch (domain) {
            case SYNCHRONOUS_DAX -> cacheLines(domain, kind, SYNCHRONOUS, notes, lines);
            case FORCED_CACHE_LINE -> cacheLines(domain, kind, Posix.MAP_SHARED, notes, lines);
            case PERSISTENT_CACHES ->
                Optional.of(
                        new Mechanism(STORE_FENCE, new Durability(domain, "none", "store fence", notes), SYNCHRONOUS));
            case PAGE_CACHE_POWER_FAIL_SAFE -> Optional.of(pages(domain, Posix.MAP_SHARED, notes));
            case PAGE_CACHE_PROCESS_KILL_SAFE ->
                Optional.of(new Mechanism(
                        STORE_ORDER, new Durability(domain, "none", "store order", notes), Posix.MAP_SHARED));
            case VOLATILE -> throw new IllegalArgumentException("a file is not volatile memory");
        };
    }

    /** The same, with more to say about it. */
    Mechanism with(List<String> notes) {
        if (notes.isEmpty()) {
            return this;
        }
        List<String> all = new ArrayList<>(durability.notes());
        all.addAll(notes);
        return new Mechanism(
                kind, new Durability(durability.domain(), durability.writeBack(), durability.fence(), all), sharing);
    }

    private static Optional<Mechanism> cacheLines(
            DurabilityDomain domain, Medium.Kind kind, int sharing, List<String> notes, CacheLines.Availability lines) {
        List<String> more = new ArrayList<>(notes);
        lines.note().ifPresent(more::add);
        if (lines.works()) {
            Durability durability = new Durability(domain, lines.writeBack(), lines.fence(), more);
            return Optional.of(new Mechanism(CACHE_LINES, durability, sharing));
        }
        if (kind == Medium.Kind.DEVDAX) {
            return Optional.empty();
        }
        return Optional.of(pages(domain, sharing, more));
    }

    private static Mechanism pages(DurabilityDomain domain, int sharing, List<String> notes) {
        return new Mechanism(PAGES, new Durability(domain, "msync", "msync", notes), sharing);
    }
}
