package pmem.testkit.schedule;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;
import pmem.testkit.crash.PolicyTarget;
import pmem.testkit.region.SimulatedRegion;

/**
 * The races that matter to every policy, each under every schedule with one switch at a region access and under random ones.
 * The explorer runs such pairs too and cuts the power; here the outcomes themselves are pinned down.
 */
class PolicyScenarioTest {
    private static final int RANDOM_SCHEDULES = 60;
    private static final long BLOCK_BYTES = 48;

    private final ExecutorService executor = Executors.newFixedThreadPool(2);

    @AfterEach
    void stopThreads() {
        executor.close();
    }

    static List<String> policies() {
        return Providers.policies().stream().map(PolicyProvider::id).toList();
    }

    /** What two threads do, after what, and what must be true then. */
    private interface Scenario {
        @SuppressWarnings("UnusedVariable") // not every scenario has something before it
        default void prepare(Pool pool) {}

        void first(Pool pool);

        void second(Pool pool);

        void check(Pool pool);
    }

    private interface Scenarios {
        Scenario make();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void two_threads_that_make_the_first_slab_get_blocks_of_their_own(String policy) {
        underAllSchedules(policy, () -> new Scenario() {
            private long a;
            private long b;

            @Override
            public void first(Pool pool) {
                a = pool.allocate(BLOCK_BYTES);
            }

            @Override
            public void second(Pool pool) {
                b = pool.allocate(BLOCK_BYTES);
            }

            @Override
            public void check(Pool pool) {
                assertThat(a).isNotEqualTo(b);
                assertThat(walk(pool)).containsExactlyInAnyOrder(a, b);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("policies")
    void the_last_block_goes_to_one_of_two_threads(String policy) {
        underAllSchedules(policy, () -> new Scenario() {
            private long a;
            private long b;

            @Override
            public void prepare(Pool pool) {
                List<Long> all = fill(pool);
                pool.free(all.getLast());
            }

            @Override
            public void first(Pool pool) {
                a = allocateOrNone(pool);
            }

            @Override
            public void second(Pool pool) {
                b = allocateOrNone(pool);
            }

            @Override
            public void check(Pool pool) {
                assertThat(a == Handles.NONE).as("one of the two fails").isNotEqualTo(b == Handles.NONE);
                assertThat(walk(pool)).doesNotHaveDuplicates();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("policies")
    void freeing_the_last_block_of_a_slab_beside_an_allocate_loses_nothing(String policy) {
        underAllSchedules(policy, () -> new Scenario() {
            private long old;
            private long fresh;

            @Override
            public void prepare(Pool pool) {
                old = pool.allocate(BLOCK_BYTES);
            }

            @Override
            public void first(Pool pool) {
                pool.free(old);
            }

            @Override
            public void second(Pool pool) {
                fresh = pool.allocate(BLOCK_BYTES);
            }

            @Override
            public void check(Pool pool) {
                assertThat(walk(pool)).containsExactly(fresh);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("policies")
    void freeing_into_a_full_pool_beside_an_allocate_hands_no_block_out_twice(String policy) {
        underAllSchedules(policy, () -> new Scenario() {
            private List<Long> kept = new ArrayList<>();
            private long freed;
            private long taken;

            @Override
            public void prepare(Pool pool) {
                kept = fill(pool);
                freed = kept.removeFirst();
            }

            @Override
            public void first(Pool pool) {
                pool.free(freed);
            }

            @Override
            public void second(Pool pool) {
                taken = allocateOrNone(pool);
            }

            @Override
            public void check(Pool pool) {
                List<Long> expected = new ArrayList<>(kept);
                if (taken != Handles.NONE) {
                    expected.add(taken);
                }
                assertThat(walk(pool)).containsExactlyInAnyOrderElementsOf(expected);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_block_is_freed_by_one_of_two_threads(String policy) {
        underAllSchedules(policy, () -> new Scenario() {
            private long block;
            private boolean a;
            private boolean b;

            @Override
            public void prepare(Pool pool) {
                block = pool.allocate(BLOCK_BYTES);
            }

            @Override
            public void first(Pool pool) {
                a = freed(pool, block);
            }

            @Override
            public void second(Pool pool) {
                b = freed(pool, block);
            }

            @Override
            public void check(Pool pool) {
                assertThat(a).as("one of the two frees").isNotEqualTo(b);
                assertThat(walk(pool)).isEmpty();
            }
        });
    }

    private void underAllSchedules(String policy, Scenarios scenarios) {
        for (int first = 0; first < 2; first++) {
            int steps = run(policy, scenarios.make(), Schedule.switchingAt(first));
            for (int at = 1; at < steps; at++) {
                run(policy, scenarios.make(), Schedule.switchingAt(first, at));
            }
        }
        for (long seed = 0; seed < RANDOM_SCHEDULES; seed++) {
            run(policy, scenarios.make(), Schedule.random(seed));
        }
    }

    private int run(String policy, Scenario scenario, Schedule schedule) {
        PolicyTarget target = PolicyTarget.of(policy, Map.of(), 0);
        AtomicReference<Optional<Interleaver>> running = new AtomicReference<>(Optional.empty());
        SimulatedRegion media = SimulatedRegion.zeroed(target.capacityBytes());
        try (Pool pool = target.create(
                new ScheduledRegion(media, () -> requireNonNull(running.get()).ifPresent(Interleaver::step)))) {
            scenario.prepare(pool);
            Interleaver interleaver = new Interleaver(schedule, 2);
            running.set(Optional.of(interleaver));
            interleaver.run(executor, () -> scenario.first(pool), () -> scenario.second(pool));
            running.set(Optional.empty());
            scenario.check(pool);
            assertThat(pool.verify()).as(schedule.toString()).isEmpty();
            return interleaver.steps();
        }
    }

    private static List<Long> fill(Pool pool) {
        List<Long> all = new ArrayList<>();
        long handle = allocateOrNone(pool);
        while (handle != Handles.NONE) {
            all.add(handle);
            handle = allocateOrNone(pool);
        }
        return all;
    }

    private static long allocateOrNone(Pool pool) {
        try {
            return pool.allocate(BLOCK_BYTES);
        } catch (OutOfSpaceException full) {
            return Handles.NONE;
        }
    }

    private static boolean freed(Pool pool, long handle) {
        try {
            pool.free(handle);
            return true;
        } catch (InvalidHandleException already) {
            return false;
        }
    }

    private static List<Long> walk(Pool pool) {
        List<Long> handles = new ArrayList<>();
        pool.forEachBlock((handle, usableBytes) -> handles.add(handle));
        return handles;
    }
}
