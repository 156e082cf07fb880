package pmem.bench.allocator;

import pmem.api.DurabilityDomain;

/**
 * Who is measured.
 *
 * @param allocator its name
 * @param policy id of the placement policy, empty for a rival
 * @param domain id of the durability domain
 */
public record Subject(String allocator, String policy, String domain) {
    /** The name of pools. */
    public static final String PMEM = "pmem";
    /** The name of the bare instructions. */
    public static final String FLOOR = "floor";

    /** A pool. */
    public static Subject pool(String policy, DurabilityDomain domain) {
        return new Subject(PMEM, policy, domain.id());
    }

    /** Store, write-back and fence on a file mapped by this library. */
    public static Subject floor() {
        return new Subject(FLOOR, "", DurabilityDomain.FORCED_CACHE_LINE.id());
    }

    /** Whether it keeps nothing when the process ends. */
    public boolean isVolatile() {
        return domain.equals(DurabilityDomain.VOLATILE.id());
    }

    /** The name in tables and charts; the domain apart. */
    public String title() {
        return policy.isEmpty() ? allocator : allocator + " " + policy;
    }
}
