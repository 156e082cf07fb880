package pmem.recovery;

import java.lang.ref.Cleaner;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import pmem.api.PoolAccess;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.Region;

/** Opens accesses, as many as are allowed, and releases those that were forgotten. */
final class Accesses {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Region region;
    private final Policy policy;
    private final CommitEngine engine;
    private final ZeroedBlocks zeroed;
    private final OpenState openState;
    private final int limit;
    private final AtomicInteger open = new AtomicInteger();

    Accesses(Region region, Policy policy, CommitEngine engine, ZeroedBlocks zeroed, OpenState openState, int limit) {
        this.region = region;
        this.policy = policy;
        this.engine = engine;
        this.zeroed = zeroed;
        this.openState = openState;
        this.limit = limit;
    }

    PoolAccess open() {
        return open(policy::openAccess);
    }

    /** @throws IllegalArgumentException if the policy does not keep blocks of such a node apart */
    PoolAccess open(int numaNode) {
        List<Integer> nodes = policy.nodes().nodes();
        int index = nodes.indexOf(numaNode);
        if (index < 0) {
            throw new IllegalArgumentException("pool does not keep blocks of such a NUMA node apart: expected one of "
                    + nodes + ", found=" + numaNode + " pool=" + region.name()
                    + "; open the pool with MemoryPlacement.overNodes and a policy that does");
        }
        return open(exclusive -> policy.openAccess(exclusive, index));
    }

    private PoolAccess open(Function<Boolean, PolicyAccess> opener) {
        if (open.getAndUpdate(count -> Math.min(limit, count + 1)) >= limit) {
            throw new IllegalStateException("too many accesses are open: expected fewer than " + limit
                    + " before this one, pool=" + region.name()
                    + "; release accesses that are not used any more, or open the pool with a higher accessLimit");
        }
        PolicyAccess access = opener.apply(region.isTransient());
        RegionPoolAccess made = new RegionPoolAccess(engine, zeroed, openState, access, region.isTransient());
        made.releasedBy(CLEANER.register(made, new Release(access, open, openState)));
        return made;
    }

    /** Runs once, on {@link PoolAccess#release()} or after the access became unreachable. */
    private record Release(PolicyAccess access, AtomicInteger open, OpenState openState) implements Runnable {
        @Override
        public void run() {
            open.decrementAndGet();
            // The policy of a closed pool has nobody left to give anything to.
            if (!openState.isClosed()) {
                access.close();
            }
        }
    }
}
