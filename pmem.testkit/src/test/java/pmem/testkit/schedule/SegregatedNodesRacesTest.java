package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.testkit.schedule.AccessRace.Heap;

/**
 * Two accesses of the segregated policy on two NUMA nodes, in every order of their steps with one switch, or as many as
 * {@code pmem.preemptions} says.
 */
class SegregatedNodesRacesTest extends AccessRaces {
    private static final int SPACE_BYTES = 8 << 10;
    private static final int BLOCK_BYTES = 128;
    private static final int SWITCHES_MAX = Integer.getInteger("pmem.preemptions", 1);
    private static final int STRETCH_BYTES = 8 << 10;

    private void race(Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        for (long adoptAfter = 0; adoptAfter <= 1; adoptAfter++) {
            Map<String, Long> parameters = Map.of(
                    "pageBytes",
                    1024L,
                    "slabBytes",
                    1024L,
                    "arenas",
                    1L,
                    "headerColours",
                    1L,
                    "growth",
                    0L,
                    "maintenanceMillis",
                    0L,
                    "emptySlabsKept",
                    0L,
                    "adoptAfter",
                    adoptAfter);
            run(
                    new AccessRace("segregated", parameters, SPACE_BYTES, BLOCK_BYTES, SWITCHES_MAX)
                            .dividedAt(STRETCH_BYTES),
                    bodies,
                    check);
        }
    }

    /** That so many blocks are live, and that each access can have all the others, of its own node first. */
    private void requireLiveForBoth(Heap heap, int blocks) {
        assertThat(heap.findings()).isEmpty();
        assertThat(heap.policy.liveBlocks()).isEqualTo(blocks);
        for (int access = 0; access < 2; access++) {
            List<Long> rest = heap.fill(access);
            assertThat(rest).doesNotHaveDuplicates().hasSize(capacity - blocks);
            for (long handle : rest) {
                heap.release(access, handle);
            }
        }
        assertThat(heap.findings()).isEmpty();
    }

    private static int nodeOf(long handle) {
        return (int) (handle / STRETCH_BYTES) & 1;
    }

    private List<Long> fullOnBoth(Heap heap) {
        List<Long> all = full(heap);
        assertThat(all).extracting(SegregatedNodesRacesTest::nodeOf).contains(0, 1);
        return all;
    }

    private static long lastOn(int node, List<Long> handles) {
        return handles.stream()
                .filter(handle -> nodeOf(handle) == node)
                .toList()
                .getLast();
    }

    @Test
    void the_last_block_of_a_node_is_got_by_its_own_access_or_the_other() {
        race(
                heap -> {
                    List<Long> all = fullOnBoth(heap);
                    heap.release(0, lastOn(1, all));
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).containsOnlyOnce(Handles.NONE);
                    requireLiveForBoth(heap, capacity);
                });
    }

    @Test
    void a_block_freed_on_the_other_node_comes_back_beside_a_claim_of_its_own() {
        race(
                heap -> {
                    List<Long> all = fullOnBoth(heap);
                    long first = lastOn(0, all);
                    heap.release(0, first);
                    all.remove(first);
                    return new Runnable[] {reserving(heap, 0), () -> heap.release(1, lastOn(0, all))};
                },
                heap -> {
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    requireLiveForBoth(heap, capacity - 1);
                });
    }

    @Test
    void an_access_with_slabs_of_both_nodes_is_closed_beside_a_claim_and_a_release() {
        race(
                heap -> {
                    List<Long> all = fullOnBoth(heap);
                    heap.release(0, lastOn(0, all));
                    return new Runnable[] {
                        () -> heap.accesses[0].close(),
                        () -> {
                            heap.release(1, lastOn(1, all));
                            got[1] = heap.reserve(1);
                        }
                    };
                },
                heap -> {
                    assertThat(got[1]).isNotEqualTo(Handles.NONE);
                    assertThat(heap.findings()).isEmpty();
                    assertThat(heap.policy.liveBlocks()).isEqualTo(capacity - 1);
                    assertThat(heap.fill(1)).hasSize(1);
                });
    }
}
