package pmem.bench.allocator;

import java.util.EnumSet;
import java.util.Set;
import pmem.api.DurabilityDomain;
import pmem.bench.measure.WorkloadKind;
import pmem.bench.measure.WorkloadSpec;

/**
 * Who is measured.
 *
 * @param allocator its name
 * @param policy id of the placement policy, parameters behind it ({@link PolicySetting}); empty for a rival
 * @param domain id of the durability domain
 */
public record Subject(String allocator, String policy, String domain) {
    private static final Set<WorkloadKind> OTHER_WAYS = EnumSet.of(
            WorkloadKind.PAIR,
            WorkloadKind.BULK_ORDERED,
            WorkloadKind.BULK_RANDOM,
            WorkloadKind.CHURN,
            WorkloadKind.REMOTE);

    private static final Set<WorkloadKind> APART =
            EnumSet.of(WorkloadKind.PAIR, WorkloadKind.BULK_ORDERED, WorkloadKind.BULK_RANDOM, WorkloadKind.CHURN);

    /** The policy {@code buddy} as an allocator of pages: it is measured with blocks of a page and more. */
    public static final String PAGES = "buddy unitBytes=4096";

    private static final long PAGE_BYTES = 4096;

    /** The name of pools. */
    public static final String PMEM = "pmem";
    /** The name of pools whose threads have accesses of their own. */
    public static final String PMEM_ACCESS = "pmem access";
    /** The name of volatile pools of which each thread has one of its own: what the machine does with threads that share nothing. */
    public static final String PMEM_APART = "pmem apart";
    /** Added to both names if the process has used every policy before. */
    public static final String ALL_LOADED = " (all policies loaded)";
    /** The name of the bare instructions. */
    public static final String FLOOR = "floor";

    /** A pool. */
    public static Subject pool(String policy, DurabilityDomain domain) {
        return new Subject(PMEM, policy, domain.id());
    }

    /** A pool whose threads have accesses of their own. */
    public static Subject access(String policy, DurabilityDomain domain) {
        return new Subject(PMEM_ACCESS, policy, domain.id());
    }

    /** A volatile pool for each thread. */
    public static Subject apart(String policy) {
        return new Subject(PMEM_APART, policy, DurabilityDomain.VOLATILE.id());
    }

    /** The same in a process that has used every policy before. */
    public Subject withAllPoliciesLoaded() {
        return new Subject(allocator + ALL_LOADED, policy, domain);
    }

    /** Whether it is a pool, however it is used. */
    public boolean isPool() {
        return !policy.isEmpty();
    }

    /** Whether threads have accesses of their own. */
    public boolean throughAccess() {
        return allocator.startsWith(PMEM_ACCESS);
    }

    /** Whether the process uses every policy before. */
    public boolean allPoliciesLoaded() {
        return allocator.endsWith(ALL_LOADED);
    }

    /** Whether each thread has a pool of its own. */
    public boolean isApart() {
        return allocator.startsWith(PMEM_APART);
    }

    /** Whether it is measured under a workload; other ways to use a pool only where they differ. */
    public boolean takesPart(WorkloadSpec spec) {
        if (policy.equals(PAGES) && spec.blockBytes() < PAGE_BYTES) {
            return false;
        }
        if (isApart()) {
            return spec.threads() > 1 && APART.contains(spec.kind());
        }
        return (!throughAccess() && !allPoliciesLoaded()) || OTHER_WAYS.contains(spec.kind());
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
        if (policy.isEmpty()) {
            return allocator;
        }
        // The policy stands behind the name it belongs to.
        return allPoliciesLoaded()
                ? allocator.replace(ALL_LOADED, "") + " " + policy + ALL_LOADED
                : allocator + " " + policy;
    }
}
