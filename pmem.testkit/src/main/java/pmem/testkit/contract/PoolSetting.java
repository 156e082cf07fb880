package pmem.testkit.contract;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import pmem.api.DurabilityDomain;
import pmem.api.MemoryPlacement;
import pmem.api.PoolOptions;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;

/**
 * One way to have a pool: a policy with its parameters, and what the pool's memory survives.
 *
 * @param policy id of the policy
 * @param parameters values other than the defaults, by name
 * @param numaNodes among how many NUMA nodes the pool is divided, 0 if it is not; a thread moves from one to the next every few calls
 * @param domain what a fence survives; {@link DurabilityDomain#VOLATILE} is anonymous memory, all others are files
 */
public record PoolSetting(String policy, Map<String, Long> parameters, int numaNodes, DurabilityDomain domain) {
    /** Changed words a lane of such a pool can hold, unless a test chooses otherwise. */
    public static final int LANE_ENTRIES = 31;
    /** Named roots such a pool can hold, unless a test chooses otherwise. */
    public static final int ROOTS = 16;

    private static final int LANES = 8;
    // Segments, arenas and trees of every policy fit many times; creating the file still takes only milliseconds.
    private static final long CAPACITY_BYTES = 16L << 20;
    private static final int MINIMUM_MULTIPLE = 4;
    private static final int CALLS_ON_A_NODE = 5;

    /** Takes an immutable copy of the parameters. */
    public PoolSetting {
        parameters = Map.copyOf(parameters);
    }

    /** Of a pool that is not divided. */
    public PoolSetting(String policy, Map<String, Long> parameters, DurabilityDomain domain) {
        this(policy, parameters, 0, domain);
    }

    /** Where the pages of such a pool are to be. */
    public MemoryPlacement placement() {
        if (numaNodes == 0) {
            return MemoryPlacement.anywhere();
        }
        AtomicInteger calls = new AtomicInteger();
        return MemoryPlacement.anywhere()
                .simulatedNodes(
                        () -> calls.getAndIncrement() / CALLS_ON_A_NODE % numaNodes,
                        IntStream.range(0, numaNodes).toArray());
    }

    /** Whether the pool is anonymous memory, which can't be opened again. */
    public boolean isVolatile() {
        return domain == DurabilityDomain.VOLATILE;
    }

    /** Options that create such a pool, of 16 MiB or four times the least the policy can format. */
    public PoolOptions options() {
        return options(CAPACITY_BYTES);
    }

    /** Options that create such a pool, of a given size or four times the least the policy can format. */
    public PoolOptions options(long wantedBytes) {
        PolicyProvider provider = Providers.policy(policy);
        long minimumBytes = provider.minimumBytes(PolicyParameters.of(provider, parameters));
        PoolOptions options = PoolOptions.createNew(Math.max(wantedBytes, MINIMUM_MULTIPLE * minimumBytes))
                .policy(policy)
                .lanes(LANES)
                .laneEntries(LANE_ENTRIES)
                .roots(ROOTS)
                .placement(placement());
        for (Map.Entry<String, Long> parameter : parameters.entrySet()) {
            options = options.policyParameter(parameter.getKey(), parameter.getValue());
        }
        return isVolatile() ? options : options.durability(domain);
    }

    /** As tests show it, for example {@code bitmap on forced-cache-line}. */
    @Override
    public String toString() {
        String chosen = parameters.isEmpty() ? "" : " " + new TreeMap<>(parameters);
        String divided = numaNodes == 0 ? "" : " over " + numaNodes + " nodes";
        return policy + chosen + divided + " on " + domain.id();
    }
}
