package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.testkit.schedule.AccessRace.Heap;

/** Claims and releases of two accesses: of their own blocks, and of each other's, which are given back to their owner. */
class SegregatedRacesTest extends SegregatedRaces {
    @Test
    void the_last_block_is_got_by_one_of_two() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    heap.release(0, all.get(9));
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).containsOnlyOnce(Handles.NONE);
                    requireLive(heap, capacity);
                });
    }

    @Test
    void the_last_two_blocks_are_got_by_one_each() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    heap.release(0, all.get(9));
                    heap.release(0, all.get(30));
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity);
                });
    }

    @Test
    void an_access_knows_its_own_block_though_another_claims_from_its_slab() {
        long[] field = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    heap.release(0, all.get(9));
                    heap.release(0, all.get(10));
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            field[0] = heap.accesses[0].stateField(got[0]);
                        },
                        reserving(heap, 1)
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE);
                    assertThat(field[0]).isEqualTo(heap.policy.stateField(got[0]));
                });
    }

    @Test
    void a_block_released_elsewhere_comes_back_beside_a_claim_of_its_owner() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    heap.release(0, all.get(9));
                    return new Runnable[] {reserving(heap, 0), () -> heap.release(1, all.get(10))};
                },
                heap -> {
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity - 1);
                });
    }

    @Test
    void two_release_blocks_of_a_slab_that_is_not_theirs_and_get_one_each() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    return new Runnable[] {
                        () -> {
                            releaseElsewhere(heap, all.get(9));
                            got[0] = heap.policy.reserve(BLOCK_BYTES, 1);
                        },
                        () -> {
                            heap.release(1, all.get(10));
                            got[1] = heap.reserve(1);
                        }
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity);
                });
    }

    private static void releaseElsewhere(Heap heap, long handle) {
        heap.policy.release(handle, heap.policy.allocatedValue(handle, BLOCK_BYTES, 1));
    }

    @Test
    void the_last_two_blocks_of_a_slab_are_released_by_its_owner_and_elsewhere() {
        race(
                heap -> {
                    long first = heap.reserve(0);
                    long second = heap.reserve(0);
                    return new Runnable[] {() -> heap.release(0, first), () -> heap.release(1, second)};
                },
                heap -> {
                    requireEmpty(heap);
                });
    }

    private static void requireEmpty(Heap heap) {
        assertThat(heap.policy.liveBlocks()).isZero();
        heap.policy.maintain();
        heap.accesses[0].release(heap.reserve(0), 1);
        assertThat(heap.findings()).isEmpty();
        assertThat(heap.policy.usedBytes()).isEqualTo(heap.policy.metadataBytes());
    }

    @Test
    void an_exclusive_access_claims_beside_releases_of_its_blocks_elsewhere() {
        raceOfExclusive(
                heap -> {
                    List<Long> all = full(heap);
                    heap.release(0, all.get(9));
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            got[1] = heap.reserve(0);
                        },
                        () -> heap.release(1, all.get(10))
                    };
                },
                heap -> {
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    assertThat(heap.findings()).isEmpty();
                    assertThat(heap.policy.liveBlocks()).isEqualTo(capacity - 2 + gotCount());
                    assertThat(heap.fill(0)).doesNotHaveDuplicates().hasSize(2 - gotCount());
                });
    }

    @Test
    void two_accesses_release_blocks_of_each_other() {
        race(
                heap -> {
                    drain(heap);
                    long[] of0 = blocks(heap, 0, 8);
                    long[] of1 = blocks(heap, 1, 8);
                    return new Runnable[] {
                        () -> {
                            heap.release(0, of1[0]);
                            got[0] = heap.reserve(0);
                        },
                        () -> {
                            heap.release(1, of0[0]);
                            got[1] = heap.reserve(1);
                        }
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, 16);
                });
    }

    @Test
    void an_owner_claims_from_a_slab_of_which_another_releases() {
        race(
                heap -> {
                    drain(heap);
                    // The slab of the first seven is full; the other one is claimed from.
                    long[] of0 = blocks(heap, 0, 13);
                    return new Runnable[] {
                        () -> {
                            heap.release(0, of0[1]);
                            got[0] = heap.reserve(0);
                            got[1] = heap.reserve(0);
                        },
                        () -> {
                            heap.release(1, of0[0]);
                            heap.release(1, of0[12]);
                        }
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, 12);
                });
    }
}
