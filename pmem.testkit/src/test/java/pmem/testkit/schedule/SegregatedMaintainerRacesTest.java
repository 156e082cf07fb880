package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;

/** The maintainer beside two accesses: it collects slabs, leaves an exclusive access alone, and gives storage back. */
class SegregatedMaintainerRacesTest extends SegregatedRaces {
    @Test
    void the_maintainer_collects_what_an_access_uses_again() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    all.subList(0, 20).forEach(handle -> heap.release(0, handle));
                    heap.policy.maintain();
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            heap.release(0, all.get(21));
                            got[1] = heap.reserve(0);
                        },
                        heap.policy::maintain
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity - 19);
                });
    }

    @Test
    void the_maintainer_collects_beside_a_release_elsewhere() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    all.subList(0, 13).forEach(handle -> heap.release(0, handle));
                    heap.policy.maintain();
                    return new Runnable[] {() -> heap.release(1, all.get(13)), heap.policy::maintain};
                },
                heap -> requireLive(heap, capacity - 14));
    }

    @Test
    void the_maintainer_collects_what_was_released_elsewhere_beside_claims_of_the_owner() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    heap.release(0, all.get(8));
                    heap.release(1, all.get(9));
                    heap.release(1, all.get(10));
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            got[1] = heap.reserve(0);
                        },
                        heap.policy::maintain
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity - 1);
                });
    }

    @Test
    void the_maintainer_collects_what_was_released_elsewhere_beside_a_release_of_the_owner() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    heap.release(0, all.get(8));
                    heap.release(0, all.get(9));
                    heap.reserve(0);
                    heap.release(1, all.get(10));
                    return new Runnable[] {() -> heap.release(0, all.get(11)), heap.policy::maintain};
                },
                heap -> requireLive(heap, capacity - 3));
    }

    @Test
    void room_that_the_maintainer_moves_is_missed_by_nobody() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    heap.release(0, all.get(9));
                    heap.policy.maintain();
                    return new Runnable[] {heap.policy::maintain, reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got[1]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity);
                });
    }

    @Test
    void the_maintainer_leaves_an_exclusive_access_alone() {
        run(
                raceWith(SMALL, SWITCHES_MAX + 1).ofExclusive(),
                heap -> {
                    long first = heap.reserve(0);
                    return new Runnable[] {
                        () -> {
                            heap.release(0, first);
                            got[0] = heap.reserve(0);
                        },
                        heap.policy::maintain
                    };
                },
                heap -> {
                    assertThat(heap.policy.liveBlocks()).isEqualTo(1);
                    assertThat(heap.findings()).isEmpty();
                    heap.release(0, got[0]);
                    assertThat(heap.policy.usedBytes()).isEqualTo(heap.policy.metadataBytes());
                    assertThat(heap.findings()).isEmpty();
                });
    }

    @Test
    void storage_goes_back_beside_a_claim_that_has_room_only_there() {
        Map<String, Long> parameters = smallWith(Map.of("giveBackTicks", 1L, "freeBytesKept", 0L));
        run(
                raceWith(parameters, SWITCHES_MAX),
                heap -> {
                    List<Long> all = full(heap);
                    all.subList(0, 7).forEach(handle -> heap.release(0, handle));
                    return new Runnable[] {
                        heap.policy::maintain,
                        () -> {
                            got[1] = heap.reserve(1);
                            // Touches its page: an error while the page has no storage.
                            heap.write(got[1]);
                        }
                    };
                },
                heap -> {
                    assertThat(got[1]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity - 6);
                });
    }
}
