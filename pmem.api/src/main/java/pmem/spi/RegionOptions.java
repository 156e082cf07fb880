package pmem.spi;

import java.util.Optional;
import pmem.api.DurabilityDomain;

/**
 * How a region is to be mapped.
 *
 * @param durability the domain asked for; empty takes the strongest the path offers
 * @param countPersists whether {@link Region#linesWrittenBack} and {@link Region#fences} count
 * @param preallocate whether a file gets all its blocks before it is mapped; if not, {@link Region#ensureBacked} gives them
 */
public record RegionOptions(Optional<DurabilityDomain> durability, boolean countPersists, boolean preallocate) {
    /** All blocks before the file is mapped. */
    public RegionOptions(Optional<DurabilityDomain> durability, boolean countPersists) {
        this(durability, countPersists, true);
    }

    /** The strongest domain, without counting. */
    public static RegionOptions defaults() {
        return new RegionOptions(Optional.empty(), false);
    }
}
