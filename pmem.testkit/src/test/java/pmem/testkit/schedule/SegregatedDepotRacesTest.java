package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.spi.PolicyAccess;
import pmem.testkit.schedule.AccessRace.Heap;

/** Slabs that change hands: taken from the depot, given up by a close, passed on to who asked for them. */
class SegregatedDepotRacesTest extends SegregatedRaces {
    /** A slab of the depot, whose owner is gone, with so many live blocks and room. */
    private static long[] slabInDepot(Heap heap, int blocks) {
        long[] handles = new long[blocks];
        try (PolicyAccess gone = heap.policy.openAccess(false)) {
            for (int i = 0; i < blocks; i++) {
                handles[i] = gone.reserve(BLOCK_BYTES, 1);
            }
        }
        return handles;
    }

    @Test
    void a_slab_is_taken_from_the_depot_while_its_last_block_comes_back() {
        race(
                heap -> {
                    drain(heap);
                    long[] handles = slabInDepot(heap, 1);
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            got[1] = heap.reserve(0);
                        },
                        () -> heap.release(1, handles[0])
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, 2);
                });
    }

    @Test
    void two_take_the_same_slab_from_the_depot() {
        race(
                heap -> {
                    drain(heap);
                    slabInDepot(heap, 3);
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, 5);
                });
    }

    @Test
    void all_blocks_of_a_slab_are_released_by_two_who_do_not_own_it() {
        race(
                heap -> {
                    drain(heap);
                    try (PolicyAccess third = heap.policy.openAccess(false)) {
                        long first = third.reserve(BLOCK_BYTES, 1);
                        long second = third.reserve(BLOCK_BYTES, 1);
                        return new Runnable[] {() -> heap.release(0, first), () -> heap.release(1, second)};
                    }
                },
                heap -> requireLive(heap, 0));
    }

    @Test
    void an_access_is_closed_beside_a_release_of_its_block() {
        race(
                heap -> {
                    drain(heap);
                    long first = heap.reserve(0);
                    heap.reserve(0);
                    return new Runnable[] {() -> heap.accesses[0].close(), () -> heap.release(1, first)};
                },
                heap -> requireLive(heap, 1));
    }

    @Test
    void an_access_is_closed_beside_a_claim_that_has_room_only_in_its_slabs() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    heap.release(0, all.get(9));
                    return new Runnable[] {() -> heap.accesses[0].close(), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got[1]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity);
                });
    }

    @Test
    void an_exclusive_access_passes_a_slab_on_to_one_that_closes() {
        raceOfExclusive(
                heap -> {
                    drain(heap);
                    long[] of0 = blocks(heap, 0, 14);
                    // From here on the other wants the first slab.
                    heap.release(1, of0[0]);
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            heap.release(0, of0[8]);
                        },
                        () -> {
                            heap.release(1, of0[1]);
                            heap.accesses[1].close();
                        }
                    };
                },
                heap -> {
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    assertThat(heap.findings()).isEmpty();
                    assertThat(heap.policy.liveBlocks()).isEqualTo(12);
                    assertThat(heap.fill(0)).doesNotHaveDuplicates().hasSize(capacity - 12);
                });
    }
}
