package pmem.recovery;

import java.util.function.Function;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PolicySpace;
import pmem.spi.Region;

/**
 * The policy that a superblock names, with the parameters it records.
 *
 * @param provider the policy
 * @param parameters its parameters
 * @param geometry where its space is
 */
record RecordedPolicy(PolicyProvider provider, PolicyParameters parameters, PoolGeometry geometry) {
    /**
     * Finds the policy.
     *
     * @param policies finds a policy by its id
     * @throws PoolOpenException if it is not on the module path, is older than the pool, or can't have these parameters or
     *     this space
     */
    static RecordedPolicy of(Region region, Superblock superblock, Function<String, PolicyProvider> policies) {
        PolicyProvider provider = policies.apply(superblock.policyId());
        if (superblock.policyVersion() > provider.formatVersion()) {
            throw new PoolOpenException(
                    Reason.TOO_NEW,
                    "cannot open pool=" + region.name() + ": the pool's policy format is newer: policy=" + provider.id()
                            + ", expected version at most " + provider.formatVersion() + ", found="
                            + superblock.policyVersion());
        }
        try {
            PolicyParameters parameters = PolicyParameters.recorded(provider, superblock.policyParameters());
            requireRoom(provider, parameters, superblock.geometry());
            return new RecordedPolicy(provider, parameters, superblock.geometry());
        } catch (IllegalArgumentException misfit) {
            throw new PoolOpenException(
                    Reason.DAMAGED,
                    "the superblock records policy parameters that do not fit: pool=" + region.name() + "; "
                            + misfit.getMessage(),
                    misfit);
        }
    }

    private static void requireRoom(PolicyProvider provider, PolicyParameters parameters, PoolGeometry geometry) {
        if (geometry.growable()) {
            long leastEnd = leastUsableEnd(provider, parameters, geometry);
            if (leastEnd > geometry.policyEndOffset()) {
                throw new IllegalArgumentException("the policy's space is too small: expected its end at " + leastEnd
                        + " or after, found=" + geometry.policyEndOffset());
            }
            return;
        }
        long minimumBytes = provider.minimumBytes(parameters);
        if (geometry.policyBytes() < minimumBytes) {
            throw new IllegalArgumentException("the policy's space is too small: expected at least " + minimumBytes
                    + " bytes, found=" + geometry.policyBytes());
        }
    }

    /**
     * Where the space of a pool that can grow must end at least.
     *
     * @throws IllegalArgumentException if the policy's spaces can't grow
     */
    static long leastUsableEnd(PolicyProvider provider, PolicyParameters parameters, PoolGeometry geometry) {
        PoolGeometry largest = geometry.largest();
        return provider.leastUsableEnd(largest.policyStartOffset(), largest.policyEndOffset(), parameters)
                .orElseThrow(() -> new IllegalArgumentException("pools of policy " + provider.id()
                        + " cannot grow: expected no maximum of the capacity, found=" + geometry.maxCapacityBytes()));
    }

    /** As {@link #leastUsableEnd(PolicyProvider, PolicyParameters, PoolGeometry)} of this pool, which can grow. */
    long leastUsableEnd() {
        return leastUsableEnd(provider, parameters, geometry);
    }

    /** The policy's space in a region. */
    PolicySpace space(Region region) {
        return space(region, geometry, false);
    }

    /** The space that sizes leave for a policy. */
    static PolicySpace space(Region region, PoolGeometry geometry, boolean blank) {
        return new PolicySpace(
                region,
                geometry.policyStartOffset(),
                geometry.largest().policyEndOffset(),
                geometry.policyEndOffset(),
                blank);
    }

    /** Builds the policy's volatile structures from a region; errors as {@link PolicyProvider#attach}. */
    Policy attach(Region region) {
        return attach(region, false);
    }

    /** As {@link #attach(Region)}, told whether the space is known to read as zero but for what was formatted. */
    Policy attach(Region region, boolean blank) {
        return provider.attach(space(region, geometry, blank), parameters);
    }
}
