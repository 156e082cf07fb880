package pmem.spi;

import java.util.Optional;
import pmem.api.DurabilityDomain;

/**
 * How a region is to be mapped.
 *
 * @param durability the domain asked for; empty takes the strongest the path offers
 * @param countPersists whether {@link Region#linesWrittenBack} and {@link Region#fences} count
 */
public record RegionOptions(Optional<DurabilityDomain> durability, boolean countPersists) {
    /** The strongest domain, without counting. */
    public static RegionOptions defaults() {
        return new RegionOptions(Optional.empty(), false);
    }
}
