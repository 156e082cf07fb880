package pmem.testkit.stress;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolAccess;
import pmem.api.PoolOptions;
import pmem.api.TransactionException;
import pmem.spi.PolicyParameter;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;

/**
 * A small pool that is full, down to a few neighbouring blocks a test works on.
 *
 * <p>Neighbours were allocated one after the other, so their state fields share a word. The pool is used again after
 * {@link #settle} has found it intact; one that is not is left alone. Its calls may come from any thread; those that are
 * named after a pool's return what happened as a word.
 */
final class StressPool {
    /** What {@link #settle} says of a pool without fault. */
    static final String INTACT = "intact";

    static final String FREED = "freed";
    static final String PUBLISHED = "published";
    static final String CANCELLED = "cancelled";
    static final String INVALID = "invalid";
    static final String REFUSED = "refused";

    private static final int NEIGHBOURS = 4;
    private static final long BLOCK_BYTES = 64;
    private static final long CAPACITY_BYTES = 64 << 10;
    /** The verifier costs more than all the rest. */
    private static final int USES_PER_VERIFICATION = 16;

    /** Small slabs and arenas make a full pool of a few blocks; set where a policy has the parameter. */
    private static final List<Parameter> SMALL = List.of(
            new Parameter("pageBytes", 256), new Parameter("slabBytes", 1024), new Parameter("arenaBytes", 1024));

    private static final List<PolicyProvider> POLICIES = Providers.policies();
    private static final List<Queue<StressPool>> IDLE = new ArrayList<>();
    private static final List<Queue<StressPool>> IDLE_OWNED = new ArrayList<>();
    private static final AtomicInteger TURN = new AtomicInteger();

    static {
        POLICIES.forEach(policy -> IDLE.add(new ConcurrentLinkedQueue<>()));
        POLICIES.forEach(policy -> IDLE_OWNED.add(new ConcurrentLinkedQueue<>()));
    }

    private record Parameter(String name, long value) {}

    private final int policyIndex;
    private final Pool pool;
    /** Whose blocks they all are, if anybody's. */
    private final Optional<PoolAccess> owner;

    private final long[] neighbours = new long[NEIGHBOURS];
    private final Set<Long> filling = new HashSet<>();
    private int uses;

    private StressPool(int policyIndex, boolean owned) {
        this.policyIndex = policyIndex;
        pool = Pool.openVolatile(options(POLICIES.get(policyIndex)));
        owner = owned ? Optional.of(pool.access()) : Optional.empty();
        for (int i = 0; i < NEIGHBOURS; i++) {
            neighbours[i] = allocate();
        }
        for (long bytes = CAPACITY_BYTES; bytes >= BLOCK_BYTES; bytes /= 2) {
            long handle = allocateOrNone(bytes);
            while (handle != Handles.NONE) {
                filling.add(handle);
                handle = allocateOrNone(bytes);
            }
        }
    }

    private static PoolOptions options(PolicyProvider policy) {
        PoolOptions options = PoolOptions.createNew(CAPACITY_BYTES)
                .policy(policy.id())
                .lanes(2)
                .laneEntries(3)
                .roots(1);
        List<String> declared =
                policy.parameters().stream().map(PolicyParameter::name).toList();
        for (Parameter parameter : SMALL) {
            if (declared.contains(parameter.name())) {
                options = options.policyParameter(parameter.name(), parameter.value());
            }
        }
        return options;
    }

    /** A pool of the policy whose turn it is, all of its blocks live but so many of the neighbours, which are free. */
    static StressPool withFree(int count) {
        int index = Math.floorMod(TURN.getAndIncrement(), POLICIES.size());
        StressPool found = IDLE.get(index).poll();
        StressPool taken = found == null ? new StressPool(index, false) : found;
        for (int i = 0; i < count; i++) {
            taken.pool.free(taken.neighbours[i]);
        }
        return taken;
    }

    /** As {@link #withFree}, with no block free, all of them made through one access, which {@link #allocate} uses. */
    static StressPool ofAnAccess() {
        int index = Math.floorMod(TURN.getAndIncrement(), POLICIES.size());
        StressPool found = IDLE_OWNED.get(index).poll();
        return found == null ? new StressPool(index, true) : found;
    }

    /** Handle of a neighbour: the first ones are free, the last ones live. */
    long neighbour(int index) {
        return neighbours[index];
    }

    String free(long handle) {
        try {
            pool.free(handle);
            return FREED;
        } catch (InvalidHandleException invalid) {
            return INVALID;
        } catch (TransactionException refused) {
            return REFUSED;
        }
    }

    String freeThroughAccess(long handle) {
        owner.orElseThrow().free(handle);
        return FREED;
    }

    String freeInTransaction(long handle) {
        try {
            pool.transaction(transaction -> transaction.free(handle));
            return FREED;
        } catch (InvalidHandleException invalid) {
            return INVALID;
        } catch (TransactionException refused) {
            return REFUSED;
        }
    }

    String publish(long handle) {
        try {
            pool.publish(handle);
            return PUBLISHED;
        } catch (InvalidHandleException invalid) {
            return INVALID;
        }
    }

    String cancel(long handle) {
        try {
            pool.cancel(handle);
            return CANCELLED;
        } catch (InvalidHandleException invalid) {
            return INVALID;
        }
    }

    long reserve() {
        return pool.reserve(BLOCK_BYTES);
    }

    /** A new block, {@link Handles#NONE} if the pool is full. */
    long allocate() {
        return allocateOrNone(BLOCK_BYTES);
    }

    /** What an allocation returned while a block was free for it, as a word. */
    String gotOrFault(long handle) {
        return handle == Handles.NONE ? fault("full though a block was free") : "got";
    }

    private long allocateOrNone(long bytes) {
        try {
            return owner.isPresent() ? owner.get().allocate(bytes) : pool.allocate(bytes);
        } catch (OutOfSpaceException full) {
            return Handles.NONE;
        }
    }

    /**
     * Checks, when both threads are done, that exactly these neighbours are live, and that each of the others can be had
     * once: no update lost, no block lost, none given twice. Makes the pool full again.
     *
     * @param live what must be live; {@link Handles#NONE} counts for nothing
     * @return {@link #INTACT}, or what is wrong with which policy
     */
    String settle(long... live) {
        Set<Long> expected = new HashSet<>(filling);
        for (long handle : live) {
            if (handle != Handles.NONE && !expected.add(handle)) {
                return fault("block given twice");
            }
        }
        if (!walk().equals(expected)) {
            return fault("walk is wrong");
        }
        for (long handle = allocate(); handle != Handles.NONE; handle = allocate()) {
            if (!expected.add(handle)) {
                return fault("free block given twice");
            }
        }
        for (long handle : neighbours) {
            if (!expected.remove(handle)) {
                return fault("block lost");
            }
        }
        if (!expected.equals(filling)) {
            return fault("block given that was none before");
        }
        if (++uses % USES_PER_VERIFICATION == 0 && !pool.verify().isEmpty()) {
            return fault("structures are wrong");
        }
        (owner.isPresent() ? IDLE_OWNED : IDLE).get(policyIndex).add(this);
        return INTACT;
    }

    private Set<Long> walk() {
        Set<Long> walked = new HashSet<>();
        pool.forEachBlock((handle, usableBytes) -> walked.add(handle));
        return walked;
    }

    private String fault(String what) {
        return POLICIES.get(policyIndex).id() + ": " + what;
    }
}
