package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.testkit.schedule.AccessRace.Heap;

/** Two accesses of the buddy policy in every order of their steps with up to three switches. */
class BuddyRacesTest extends AccessRaces {
    private static final int UNIT_BYTES = 64;
    private static final int SPACE_BYTES = 1 << 20;
    private static final AccessRace RACE = new AccessRace("buddy", Map.of(), SPACE_BYTES, 1, 3);

    private static long units(Heap heap) {
        return (SPACE_BYTES - heap.policy.metadataBytes()) / UNIT_BYTES;
    }

    private static void requireUnits(Heap heap, long blocks) {
        assertThat(heap.findings()).isEmpty();
        assertThat(heap.policy.liveBlocks()).isEqualTo(blocks);
        assertThat(heap.policy.liveBytes()).isEqualTo(blocks * UNIT_BYTES);
        assertThat(heap.fill(0)).hasSize((int) (units(heap) - blocks));
    }

    private void race(Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        run(RACE, bodies, check);
    }

    private static Runnable releasing(Heap heap, int access, List<Long> handles) {
        return () -> handles.forEach(handle -> heap.accesses[access].release(handle, 1));
    }

    @Test
    void two_first_reserves_get_different_blocks() {
        race(heap -> new Runnable[] {reserving(heap, 0), reserving(heap, 1)}, heap -> {
            assertThat(got[0]).isNotEqualTo(Handles.NONE).isNotEqualTo(got[1]);
            assertThat(got[1]).isNotEqualTo(Handles.NONE);
            requireUnits(heap, 2);
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
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE);
                    assertThat(got[0]).isNotEqualTo(got[1]);
                    requireUnits(heap, units(heap) - Math.ceilDiv(units(heap), 3) + 2);
                });
    }

    @Test
    void the_first_free_into_a_full_space_is_found_or_refused_but_never_lost() {
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    return new Runnable[] {releasing(heap, 0, all.subList(9, 10)), reserving(heap, 1)};
                },
                heap -> requireUnits(heap, units(heap) - (got[1] == Handles.NONE ? 1 : 0)));
    }

    @Test
    void the_last_block_is_got_by_one_of_two() {
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    heap.accesses[0].release(all.get(77), 1);
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).containsOnlyOnce(Handles.NONE);
                    requireUnits(heap, units(heap));
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
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE);
                    assertThat(got[0]).isNotEqualTo(got[1]);
                    requireUnits(heap, units(heap));
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
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE);
                    assertThat(got[0]).isNotEqualTo(got[1]);
                    requireUnits(heap, units(heap));
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
                heap -> requireUnits(heap, units(heap) - 5 + (got[1] == Handles.NONE ? 0 : 1)));
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
                heap -> {
                    assertThat(heap.policy.largestFreeBytes()).isEqualTo(2 * UNIT_BYTES);
                    requireUnits(heap, units(heap) - 2);
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
                heap -> {
                    assertThat(heap.policy.largestFreeBytes())
                            .isEqualTo(new Heap(RACE, Schedule.switchingAt(0)).policy.largestFreeBytes());
                    requireUnits(heap, 0);
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
                heap -> {
                    assertThat(got[1]).isNotEqualTo(Handles.NONE);
                    assertThat(heap.policy.liveBlocks()).isEqualTo(units(heap));
                });
    }
}
