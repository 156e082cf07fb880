package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.HeapRegion;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PolicySpace;
import pmem.spi.Providers;

/** Two accesses of the buddy policy in every order of their steps with up to three switches. */
class BuddyRacesTest {
    private static final int UNIT_BYTES = 64;
    private static final int SPACE_BYTES = 1 << 20;
    private static final int SWITCHES_MAX = 3;

    private final ExecutorService executor = Executors.newFixedThreadPool(2);

    @AfterEach
    void stopThreads() {
        executor.close();
    }

    /** A space with two accesses that others may drain. */
    private static final class Heap {
        final Interleaver interleaver;
        final Policy policy;
        final PolicyAccess[] accesses;
        final long units;

        Heap(Schedule schedule) {
            interleaver = new Interleaver(schedule, 2);
            PolicyProvider provider = Providers.policy("buddy");
            PolicyParameters parameters = PolicyParameters.of(provider, Map.of());
            HeapRegion memory = new HeapRegion(4096 + SPACE_BYTES);
            PolicySpace space =
                    new PolicySpace(new ScheduledRegion(memory, interleaver::step), 4096, 4096 + SPACE_BYTES, true);
            policy = provider.attach(space, parameters);
            accesses = new PolicyAccess[] {policy.openAccess(false), policy.openAccess(false)};
            units = (SPACE_BYTES - policy.metadataBytes()) / UNIT_BYTES;
        }

        List<Long> fill(int access) {
            List<Long> handles = new ArrayList<>();
            long handle = accesses[access].reserve(1, 1);
            while (handle != Handles.NONE) {
                handles.add(handle);
                handle = accesses[access].reserve(1, 1);
            }
            return handles;
        }

        void requireLive(long blocks) {
            List<Finding> findings = new ArrayList<>();
            policy.verify(findings::add);
            assertThat(findings).isEmpty();
            assertThat(policy.liveBlocks()).isEqualTo(blocks);
            assertThat(policy.liveBytes()).isEqualTo(blocks * UNIT_BYTES);
            assertThat(fill(0)).hasSize((int) (units - blocks));
        }
    }

    /** Runs a race under every schedule; a body reports what it got. */
    private void race(Function<Heap, Runnable[]> bodies, Function<Heap, Runnable> check) {
        for (int first = 0; first < 2; first++) {
            extend(first, new int[0], bodies, check);
        }
    }

    private void extend(int first, int[] switches, Function<Heap, Runnable[]> bodies, Function<Heap, Runnable> check) {
        Schedule schedule = Schedule.switchingAt(first, switches);
        Heap heap = new Heap(schedule);
        Runnable[] running = bodies.apply(heap);
        heap.interleaver.run(executor, running);
        int steps = heap.interleaver.steps();
        try {
            check.apply(heap).run();
        } catch (AssertionError wrong) {
            throw new AssertionError(schedule.toString(), wrong);
        }
        if (switches.length < SWITCHES_MAX) {
            int[] longer = Arrays.copyOf(switches, switches.length + 1);
            for (int at = switches.length == 0 ? 1 : switches[switches.length - 1] + 1; at < steps; at++) {
                longer[switches.length] = at;
                extend(first, longer.clone(), bodies, check);
            }
        }
    }

    private final long[] got = new long[2];

    private Runnable reserving(Heap heap, int access) {
        return () -> got[access] = heap.accesses[access].reserve(1, 1);
    }

    private static Runnable releasing(Heap heap, int access, List<Long> handles) {
        return () -> handles.forEach(handle -> heap.accesses[access].release(handle, 1));
    }

    @Test
    void two_first_reserves_get_different_blocks() {
        race(heap -> new Runnable[] {reserving(heap, 0), reserving(heap, 1)}, heap -> () -> {
            assertThat(got[0]).isNotEqualTo(Handles.NONE).isNotEqualTo(got[1]);
            assertThat(got[1]).isNotEqualTo(Handles.NONE);
            heap.requireLive(2);
        });
    }

    @Test
    void two_reserves_in_a_space_in_use_get_different_blocks() {
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    for (int i = 0; i < all.size(); i += 3) {
                        heap.accesses[i % 2].release(all.get(i), 1);
                    }
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> () -> {
                    assertThat(got).doesNotContain(Handles.NONE);
                    assertThat(got[0]).isNotEqualTo(got[1]);
                    heap.requireLive(heap.units - Math.ceilDiv(heap.units, 3) + 2);
                });
    }

    @Test
    void the_first_free_into_a_full_space_is_found_or_refused_but_never_lost() {
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    return new Runnable[] {releasing(heap, 0, all.subList(9, 10)), reserving(heap, 1)};
                },
                heap -> () -> heap.requireLive(heap.units - (got[1] == Handles.NONE ? 1 : 0)));
    }

    @Test
    void the_last_block_is_got_by_one_of_two() {
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    heap.accesses[0].release(all.get(77), 1);
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> () -> {
                    assertThat(got).containsOnlyOnce(Handles.NONE);
                    heap.requireLive(heap.units);
                });
    }

    // Access 0 has taken so many in a row that it fetches several at once from the tree it took the last ones from.
    @Test
    void who_drains_a_stash_gets_a_block_though_its_owner_fetches_again() {
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    releasing(heap, 0, all.subList(all.size() - 2, all.size())).run();
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> () -> {
                    assertThat(got).doesNotContain(Handles.NONE);
                    assertThat(got[0]).isNotEqualTo(got[1]);
                    heap.requireLive(heap.units);
                });
    }

    @Test
    void a_reserve_that_drains_and_one_that_takes_share_what_is_kept() {
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    releasing(heap, 0, all.subList(0, 2)).run();
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> () -> {
                    assertThat(got).doesNotContain(Handles.NONE);
                    assertThat(got[0]).isNotEqualTo(got[1]);
                    heap.requireLive(heap.units);
                });
    }

    @Test
    void a_block_freed_into_a_tree_that_another_steals_from_is_lost_to_nobody() {
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    Runnable free = releasing(heap, 0, all.subList(0, 5));
                    return new Runnable[] {free, reserving(heap, 1)};
                },
                heap -> () -> heap.requireLive(heap.units - 5 + (got[1] == Handles.NONE ? 0 : 1)));
    }

    @Test
    void two_frees_of_neighbours_join_them() {
        race(
                heap -> {
                    List<Long> all = heap.fill(0).stream().sorted().toList();
                    long pair = all.get(500) & -(2 * UNIT_BYTES);
                    return new Runnable[] {
                        releasing(heap, 0, List.of(pair)), releasing(heap, 1, List.of(pair + UNIT_BYTES))
                    };
                },
                heap -> () -> {
                    assertThat(heap.policy.largestFreeBytes()).isEqualTo(2 * UNIT_BYTES);
                    heap.requireLive(heap.units - 2);
                });
    }

    @Test
    void the_last_frees_leave_a_fresh_space() {
        race(
                heap -> {
                    List<Long> mine = List.of(heap.accesses[0].reserve(1, 1), heap.accesses[0].reserve(1, 1));
                    List<Long> others = List.of(heap.accesses[1].reserve(1, 1));
                    return new Runnable[] {releasing(heap, 1, mine), releasing(heap, 0, others)};
                },
                heap -> () -> {
                    assertThat(heap.policy.largestFreeBytes())
                            .isEqualTo(new Heap(Schedule.switchingAt(0)).policy.largestFreeBytes());
                    heap.requireLive(0);
                });
    }

    @Test
    void an_access_that_closes_gives_up_what_another_wants() {
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    heap.accesses[0].release(all.getFirst(), 1);
                    return new Runnable[] {heap.accesses[0]::close, reserving(heap, 1)};
                },
                heap -> () -> {
                    assertThat(got[1]).isNotEqualTo(Handles.NONE);
                    assertThat(heap.policy.liveBlocks()).isEqualTo(heap.units);
                });
    }
}
