package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.testkit.schedule.AccessRace.Heap;

/**
 * Two accesses of the segregated policy with large blocks, in every order of their steps with up to two switches: what a block has left
 * and is kept is taken, cut, given back for want of room or by the maintainer.
 */
class KeptBlocksRacesTest extends AccessRaces {
    private static final int PAGE_BYTES = 1024;
    private static final int BLOCK_BYTES = 20 * PAGE_BYTES;
    private static final int SPACE_BYTES = 128 * PAGE_BYTES;
    private static final int SWITCHES_MAX = 2;
    /** Of 126 pages. */
    private static final int CAPACITY = 6;

    private static final Map<String, Long> PARAMETERS =
            Map.of("pageBytes", (long) PAGE_BYTES, "arenas", 1L, "maintenanceMillis", 0L);

    KeptBlocksRacesTest() {
        capacity = CAPACITY;
    }

    private void race(Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        AccessRace race = new AccessRace("segregated", PARAMETERS, SPACE_BYTES, BLOCK_BYTES, SWITCHES_MAX);
        run(race, bodies, check);
        run(race.ofExclusive(), bodies, check);
    }

    private static long[] blocks(Heap heap, int count) {
        long[] handles = new long[count];
        for (int i = 0; i < count; i++) {
            handles[i] = heap.reserve(0);
        }
        assertThat(handles).doesNotContain(Handles.NONE);
        return handles;
    }

    @Test
    void a_kept_block_is_got_by_one_of_two() {
        race(
                heap -> {
                    heap.release(0, blocks(heap, CAPACITY)[2]);
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).containsOnlyOnce(Handles.NONE);
                    requireLive(heap, CAPACITY);
                });
    }

    @Test
    void two_kept_blocks_are_got_by_one_each() {
        race(
                heap -> {
                    long[] all = blocks(heap, CAPACITY);
                    heap.release(0, all[2]);
                    heap.release(1, all[4]);
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, CAPACITY);
                });
    }

    @Test
    void a_block_is_released_beside_a_claim_that_has_room_only_there() {
        race(
                heap -> {
                    long[] all = blocks(heap, CAPACITY);
                    return new Runnable[] {() -> heap.release(0, all[3]), reserving(heap, 1)};
                },
                heap -> requireLive(heap, got[1] == Handles.NONE ? CAPACITY - 1 : CAPACITY));
    }

    @Test
    void a_kept_block_is_taken_beside_one_that_needs_it_and_its_neighbour() {
        race(
                heap -> {
                    long[] all = blocks(heap, CAPACITY);
                    heap.release(0, all[2]);
                    heap.release(0, all[3]);
                    return new Runnable[] {
                        reserving(heap, 0), () -> got[1] = heap.accesses[1].reserve(2 * BLOCK_BYTES, 1)
                    };
                },
                heap -> {
                    assertThat(got).containsOnlyOnce(Handles.NONE);
                    assertThat(heap.findings()).isEmpty();
                    assertThat(heap.policy.liveBlocks()).isEqualTo(CAPACITY - 1);
                    assertThat(heap.fill(1)).hasSize(got[0] == Handles.NONE ? 0 : 1);
                });
    }

    @Test
    void a_kept_block_of_twice_the_length_serves_both() {
        race(
                heap -> {
                    long[] all = blocks(heap, CAPACITY - 2);
                    long twice = heap.accesses[0].reserve(2 * BLOCK_BYTES, 1);
                    assertThat(all).doesNotContain(twice);
                    heap.accesses[0].release(twice, heap.policy.allocatedValue(twice, 2 * BLOCK_BYTES, 1));
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, CAPACITY);
                });
    }

    @Test
    void a_block_grows_into_a_kept_one_that_is_taken() {
        boolean[] grown = {false};
        race(
                heap -> {
                    long[] all = blocks(heap, CAPACITY);
                    heap.release(0, all[3]);
                    long before = heap.policy.allocatedValue(all[2], BLOCK_BYTES, 1);
                    return new Runnable[] {
                        reserving(heap, 0),
                        () -> grown[0] = heap.policy.reserveTail(
                                all[2], before, heap.policy.resizedValue(all[2], before, 2 * BLOCK_BYTES))
                    };
                },
                heap -> {
                    assertThat(grown[0]).isEqualTo(got[0] == Handles.NONE);
                    assertThat(heap.findings()).isEmpty();
                    assertThat(heap.policy.liveBytes()).isEqualTo((long) CAPACITY * BLOCK_BYTES);
                });
    }

    @Test
    void the_maintainer_gives_back_what_is_taken() {
        race(
                heap -> {
                    long[] all = blocks(heap, CAPACITY);
                    heap.release(0, all[3]);
                    heap.policy.maintain();
                    return new Runnable[] {reserving(heap, 0), heap.policy::maintain};
                },
                heap -> {
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, CAPACITY);
                });
    }

    @Test
    void the_maintainer_gives_back_beside_a_release() {
        race(
                heap -> {
                    long[] all = blocks(heap, CAPACITY);
                    heap.release(1, all[1]);
                    heap.policy.maintain();
                    return new Runnable[] {() -> heap.release(0, all[2]), heap.policy::maintain};
                },
                heap -> requireLive(heap, CAPACITY - 2));
    }

    @Test
    void the_end_of_the_space_is_given_up_beside_a_claim_there() {
        boolean[] shrunk = {false};
        race(
                heap -> {
                    long[] all = blocks(heap, CAPACITY);
                    heap.release(0, all[CAPACITY - 1]);
                    long end = all[CAPACITY - 1];
                    return new Runnable[] {reserving(heap, 0), () -> shrunk[0] = heap.policy.shrink(end)};
                },
                heap -> {
                    assertThat(shrunk[0]).isEqualTo(got[0] == Handles.NONE);
                    assertThat(heap.findings()).isEmpty();
                });
    }
}
