package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import pmem.api.Handles;
import pmem.testkit.schedule.AccessRace.Heap;

/** What tests of {@link AccessRace}s have in common: two threads, what they got, and how many blocks there are to be had. */
abstract class AccessRaces {
    private final ExecutorService executor = Executors.newFixedThreadPool(2);

    /** By access: the block it got in the race, or {@link Handles#NONE}. */
    final long[] got = new long[2];

    /** Number of blocks that the space has room for. */
    int capacity;

    @AfterEach
    final void stopThreads() {
        executor.close();
    }

    /** As {@link AccessRace#run}. */
    final void run(AccessRace race, Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        race.run(executor, bodies, check);
    }

    /** What lets an access reserve a block. */
    final Runnable reserving(Heap heap, int access) {
        return () -> got[access] = heap.reserve(access);
    }

    /** How many have got a block. */
    final int gotCount() {
        return (int) Arrays.stream(got).filter(handle -> handle != Handles.NONE).count();
    }

    /** All blocks that the space has room for, got by the first access; they are counted. */
    final List<Long> full(Heap heap) {
        List<Long> all = heap.fill(0);
        capacity = all.size();
        return all;
    }

    /** That so many blocks are live, and that all the others are there to be had. */
    final void requireLive(Heap heap, int blocks) {
        assertThat(heap.findings()).isEmpty();
        assertThat(heap.policy.liveBlocks()).isEqualTo(blocks);
        assertThat(heap.fill(1)).doesNotHaveDuplicates().hasSize(capacity - blocks);
        assertThat(heap.findings()).isEmpty();
        assertThat(heap.policy.liveBlocks()).isEqualTo(capacity);
    }
}
