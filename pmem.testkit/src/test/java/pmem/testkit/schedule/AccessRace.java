package pmem.testkit.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.HeapRegion;
import pmem.spi.NodeStretches;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PolicySpace;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.spi.StateField;
import pmem.testkit.region.DividedRegion;
import pmem.testkit.region.SimulatedRegion;

/**
 * Two accesses of a policy in every order of their steps with a few switches, each order in a new space.
 *
 * @param policy id of the policy
 * @param parameters its parameters, if not the defaults
 * @param spaceBytes size of its space
 * @param blockBytes what a block is asked for with
 * @param switchesMax most switches
 * @param exclusive whether the first access is one that others may not drain; the second never is
 * @param isTransient whether the space is of memory that nobody opens again
 * @param nodes how the space is divided; the first access is of the first node, the second of the last
 */
record AccessRace(
        String policy,
        Map<String, Long> parameters,
        int spaceBytes,
        int blockBytes,
        int switchesMax,
        boolean exclusive,
        boolean isTransient,
        NodeStretches nodes) {
    private static final int START_OFFSET = 4096;

    AccessRace(String policy, Map<String, Long> parameters, int spaceBytes, int blockBytes, int switchesMax) {
        this(policy, parameters, spaceBytes, blockBytes, switchesMax, false, false, NodeStretches.NONE);
    }

    /** With a first access that others may not drain. */
    AccessRace ofExclusive() {
        return new AccessRace(policy, parameters, spaceBytes, blockBytes, switchesMax, true, isTransient, nodes);
    }

    /** In memory that nobody opens again. */
    AccessRace ofTransient() {
        return new AccessRace(policy, parameters, spaceBytes, blockBytes, switchesMax, exclusive, true, nodes);
    }

    /** Over two nodes. */
    AccessRace dividedAt(int stretchBytes) {
        NodeStretches two = new NodeStretches(List.of(0, 1), stretchBytes);
        return new AccessRace(policy, parameters, spaceBytes, blockBytes, switchesMax, exclusive, isTransient, two);
    }

    /** A space with two accesses. */
    static final class Heap {
        final Policy policy;
        final PolicyAccess[] accesses;
        private final Interleaver interleaver;
        private final ScheduledRegion region;
        private final int blockBytes;

        Heap(AccessRace race, Schedule schedule) {
            interleaver = new Interleaver(schedule, 2);
            blockBytes = race.blockBytes;
            PolicyProvider provider = Providers.policy(race.policy);
            int endOffset = START_OFFSET + race.spaceBytes;
            region = new ScheduledRegion(
                    race.isTransient
                            ? HeapRegion.ofTransient(endOffset)
                            : SimulatedRegion.untracked(new long[endOffset / Long.BYTES]),
                    interleaver::step,
                    interleaver::stepAside);
            policy = provider.attach(
                    new PolicySpace(new DividedRegion(region, race.nodes, () -> 0), START_OFFSET, endOffset, true),
                    PolicyParameters.of(provider, race.parameters));
            accesses = new PolicyAccess[] {
                policy.openAccess(race.exclusive, 0), policy.openAccess(false, race.nodes.count() - 1)
            };
        }

        /** A block, or {@link Handles#NONE}. */
        long reserve(int access) {
            return accesses[access].reserve(blockBytes, 1);
        }

        void release(int access, long handle) {
            accesses[access].release(handle, accesses[access].allocatedValue(handle, blockBytes, 1));
        }

        /** What the policy's space is in, each access to which is a step. */
        Region region() {
            return region;
        }

        /** Whether the state of a block is not 0. */
        boolean isAllocated(long handle) {
            long field = policy.stateField(handle);
            return field != StateField.NONE
                    && StateField.extract(region.loadAcquire(StateField.wordOffset(field)), field) != 0;
        }

        /** Writes to a block. */
        void write(long handle) {
            region.storePlain(handle, handle);
        }

        /** All blocks that the space has room for, got by an access. */
        List<Long> fill(int access) {
            List<Long> handles = new ArrayList<>();
            for (long handle = reserve(access); handle != Handles.NONE; handle = reserve(access)) {
                handles.add(handle);
            }
            return handles;
        }

        /** What the policy finds wrong with itself. */
        List<Finding> findings() {
            List<Finding> findings = new ArrayList<>();
            policy.verify(findings::add);
            return findings;
        }
    }

    /** Runs two threads' parts under every schedule, and a check after each. */
    void run(ExecutorService executor, Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        new PreemptionSearch(2, switchesMax, () -> false).run(schedule -> {
            Heap heap = new Heap(this, schedule);
            try {
                heap.interleaver.run(executor, bodies.apply(heap));
            } catch (IllegalStateException failed) {
                throw new AssertionError(parameters + (exclusive ? ", exclusive, " : ", ") + schedule, failed);
            }
            int steps = heap.interleaver.steps();
            try {
                check.accept(heap);
            } catch (AssertionError wrong) {
                throw new AssertionError(parameters + (exclusive ? ", exclusive, " : ", ") + schedule, wrong);
            }
            return steps;
        });
    }
}
