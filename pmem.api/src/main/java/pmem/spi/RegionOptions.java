package pmem.spi;

import java.time.Duration;
import java.util.Optional;
import pmem.api.DurabilityDomain;
import pmem.api.MemoryPlacement;

/**
 * How a region is to be mapped.
 *
 * @param durability the domain asked for; empty takes the strongest the path offers
 * @param countPersists whether {@link Region#linesWrittenBack} and {@link Region#fences} count
 * @param preallocate whether a file gets all its blocks before it is mapped; if not, {@link Region#ensureBacked} gives them
 * @param placement where pages are to be and when they are made
 * @param lockWait how long to wait for another opener
 * @param maxCapacityBytes addresses to reserve, so that the region can grow to that size; no more than there are bytes if smaller
 */
public record RegionOptions(
        Optional<DurabilityDomain> durability,
        boolean countPersists,
        boolean preallocate,
        MemoryPlacement placement,
        Duration lockWait,
        long maxCapacityBytes) {
    /** Without room to grow. */
    public RegionOptions(
            Optional<DurabilityDomain> durability,
            boolean countPersists,
            boolean preallocate,
            MemoryPlacement placement,
            Duration lockWait) {
        this(durability, countPersists, preallocate, placement, lockWait, 0);
    }

    /** Without waiting for another opener. */
    public RegionOptions(
            Optional<DurabilityDomain> durability,
            boolean countPersists,
            boolean preallocate,
            MemoryPlacement placement) {
        this(durability, countPersists, preallocate, placement, Duration.ZERO);
    }

    /** Pages anywhere, made when they are touched. */
    public RegionOptions(Optional<DurabilityDomain> durability, boolean countPersists, boolean preallocate) {
        this(durability, countPersists, preallocate, MemoryPlacement.anywhere());
    }

    /** All blocks before the file is mapped. */
    public RegionOptions(Optional<DurabilityDomain> durability, boolean countPersists) {
        this(durability, countPersists, true);
    }

    /** The strongest domain, without counting. */
    public static RegionOptions defaults() {
        return new RegionOptions(Optional.empty(), false);
    }
}
