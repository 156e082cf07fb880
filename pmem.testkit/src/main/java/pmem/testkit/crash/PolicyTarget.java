package pmem.testkit.crash;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.spi.PersistPoint;
import pmem.spi.PolicyParameter;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.spi.Region;

/** Tiny pools of one placement policy, made by the pool provider on the module path. The policy need not be there. */
public final class PolicyTarget implements CrashTarget {
    private static final int PAGE_BYTES = 4096;
    private static final int LANES = 2;
    private static final int LANE_ENTRIES = 8;
    private static final int ROOTS = 2;
    /** How much a pool can grow, a page at a time. */
    private static final int GROWTH_BYTES = 2 * PAGE_BYTES;

    /**
     * Parameters that divide blocks between two forms of metadata, with a value that lets the sizes of {@link Sizes} take
     * both, and two medium blocks share a segment; their smallest value would leave that out.
     */
    private static final Map<String, Long> TWO_FORMS =
            Map.of("denseFromBytes", 64L, "mediumBytes", 256L, "mediumSegmentBytes", 1024L);

    private final PoolProvider provider;
    private final PolicyProvider policy;
    private final Map<String, Long> parameters;
    private final long capacityBytes;
    private final long maxCapacityBytes;

    private PolicyTarget(
            PoolProvider provider, PolicyProvider policy, Map<String, Long> parameters, long capacityBytes) {
        this.provider = provider;
        this.policy = policy;
        this.parameters = parameters;
        this.capacityBytes = capacityBytes;
        boolean growable = policy.leastUsableEnd(
                        PAGE_BYTES, capacityBytes + GROWTH_BYTES, PolicyParameters.of(policy, parameters))
                .isPresent();
        maxCapacityBytes = growable ? roundUp(capacityBytes) + GROWTH_BYTES : capacityBytes;
    }

    /**
     * Pools of the policy with the smallest parameters, except those given.
     *
     * @param parameters values of policy parameters, by name
     * @param capacityBytes size of the pools, or 0 for the smallest that holds a few blocks
     */
    public static PolicyTarget of(String policyId, Map<String, Long> parameters, long capacityBytes) {
        return of(Providers.policy(policyId), parameters, capacityBytes);
    }

    /** As {@link #of(String, Map, long)}, for a policy at hand. */
    public static PolicyTarget of(PolicyProvider policy, Map<String, Long> parameters, long capacityBytes) {
        PoolProvider provider = Providers.only(PoolProvider.class);
        Map<String, Long> chosen = smallest(policy, parameters);
        if (capacityBytes != 0) {
            return new PolicyTarget(provider, policy, chosen, capacityBytes);
        }
        long bytes = roundUp(policy.minimumBytes(PolicyParameters.of(policy, chosen)) + 2 * PAGE_BYTES);
        return new PolicyTarget(provider, policy, chosen, bytes + 4 * PAGE_BYTES);
    }

    // Takes each parameter's smallest value, unless that makes the smallest possible space larger or says otherwise.
    private static Map<String, Long> smallest(PolicyProvider policy, Map<String, Long> given) {
        Map<String, Long> chosen = new TreeMap<>(given);
        long bytes = policy.minimumBytes(PolicyParameters.of(policy, chosen));
        for (PolicyParameter parameter : policy.parameters()) {
            if (given.containsKey(parameter.name())) {
                continue;
            }
            Map<String, Long> candidate = new TreeMap<>(chosen);
            candidate.put(parameter.name(), TWO_FORMS.getOrDefault(parameter.name(), parameter.min()));
            long candidateBytes = minimumBytes(policy, candidate);
            if (candidateBytes <= bytes) {
                chosen = candidate;
                bytes = candidateBytes;
            }
        }
        return Collections.unmodifiableMap(chosen);
    }

    private static long minimumBytes(PolicyProvider policy, Map<String, Long> parameters) {
        try {
            return policy.minimumBytes(PolicyParameters.of(policy, parameters));
        } catch (IllegalArgumentException contradiction) {
            return Long.MAX_VALUE;
        }
    }

    private static long roundUp(long bytes) {
        return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    }

    @Override
    public String id() {
        return policy.id();
    }

    @Override
    public long capacityBytes() {
        return capacityBytes;
    }

    @Override
    public long maxCapacityBytes() {
        return maxCapacityBytes;
    }

    @Override
    public Pool create(Region region) {
        PoolOptions options = PoolOptions.create(capacityBytes)
                .policy(policy.id())
                .lanes(LANES)
                .laneEntries(LANE_ENTRIES)
                .roots(ROOTS);
        for (Map.Entry<String, Long> parameter : parameters.entrySet()) {
            options = options.policyParameter(parameter.getKey(), parameter.getValue());
        }
        if (maxCapacityBytes > capacityBytes) {
            options = options.maxCapacity(maxCapacityBytes);
        }
        return provider.openOn(region, options, policy);
    }

    @Override
    public Pool open(Region region) {
        return provider.openOn(region, PoolOptions.open(), policy);
    }

    @Override
    public Pool openGrouped(Region region) {
        return provider.openOn(region, PoolOptions.open().groupCommit(Duration.ZERO), policy);
    }

    @Override
    public List<PersistPoint> persistPoints() {
        List<PersistPoint> points = new ArrayList<>(provider.persistPoints());
        points.addAll(policy.persistPoints());
        return List.copyOf(points);
    }

    /** Id, parameters and size. */
    @Override
    public String toString() {
        return policy.id() + " " + parameters + ", " + capacityBytes + " bytes";
    }
}
