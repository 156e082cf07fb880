package pmem.tool.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.Finding;
import pmem.api.Handles;

/** Every fault the check is there to find is planted once; a check that can't fail would prove nothing. */
class CheckTest {
    // Thread 0 and thread 1 own objects 0, 2 and 1, 3.
    private static final String[] TRACE = {
        "a 0 100 1", "a 1 200 2", "a 2 37 1", "a 3 64 2", "r 0 300 1", "r 1 50 2", "f 2 1", "f 3 2",
    };

    private static FakeReplay replay() {
        return new FakeReplay(2, TRACE);
    }

    @Test
    void finds_nothing_when_all_acknowledged_blocks_are_there() {
        CheckResult result = replay().acknowledged(0, 2).acknowledged(1, 2).check();

        assertThat(result.faults()).isZero();
        assertThat(result.blocks()).isEqualTo(4);
        assertThat(result.contentBytes()).isGreaterThanOrEqualTo(100 + 200 + 37 + 64);
        assertThat(result.details()).isEmpty();
    }

    @Test
    void finds_an_acknowledged_block_that_is_gone() {
        FakeReplay replay = replay().acknowledged(0, 2).acknowledged(1, 1);
        replay.heap.free(replay.model.handle(2));

        CheckResult result = replay.check();

        assertThat(result.lost()).isEqualTo(1);
        assertThat(result.faults()).isEqualTo(1);
        assertThat(result.details().getFirst()).contains("lost").contains(Handles.format(replay.model.handle(2)));
    }

    @Test
    void finds_an_acknowledged_block_that_is_walked_but_not_live_by_its_handle() {
        FakeReplay replay = replay().acknowledged(0, 2);
        replay.heap.denied.add(replay.model.handle(2));

        assertThat(replay.check().lost()).isEqualTo(1);
    }

    @Test
    void finds_a_block_nobody_asked_for() {
        FakeReplay replay = replay().acknowledged(0, 2);
        replay.heap.allocate(48);

        CheckResult result = replay.check();

        assertThat(result.leaked()).isEqualTo(1);
        assertThat(result.faults()).isEqualTo(1);
    }

    @Test
    void finds_a_block_whose_free_was_acknowledged_and_that_is_still_there() {
        FakeReplay replay = replay().acknowledged(0, 3);
        long handle = replay.model.handle(2);
        byte[] memory = replay.heap.memory(handle).clone();
        replay.acknowledged(0, 1);
        replay.heap.blocks.put(handle, memory);

        assertThat(replay.check().leaked()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 18, 36})
    void finds_one_changed_byte(int index) {
        FakeReplay replay = replay().acknowledged(0, 2);
        replay.heap.memory(replay.model.handle(2))[index] ^= 1;

        CheckResult result = replay.check();

        assertThat(result.contentErrors()).isEqualTo(1);
        assertThat(result.faults()).isEqualTo(1);
    }

    @Test
    void finds_a_block_that_is_too_small() {
        FakeReplay replay = replay().acknowledged(0, 2);
        replay.heap.blocks.computeIfPresent(replay.model.handle(2), (handle, memory) -> Arrays.copyOf(memory, 36));

        assertThat(replay.check().contentErrors()).isEqualTo(1);
    }

    @Test
    void finds_blocks_that_share_bytes() {
        FakeReplay replay = replay().acknowledged(0, 2);
        replay.heap.blocks.computeIfPresent(
                replay.model.handle(0), (handle, memory) -> Arrays.copyOf(memory, memory.length + 1));

        CheckResult result = replay.check();

        assertThat(result.overlaps()).isEqualTo(1);
        assertThat(result.faults()).isEqualTo(1);
    }

    @Test
    void finds_one_handle_given_to_two_objects() {
        FakeReplay replay = replay().acknowledged(0, 1);
        replay.model.complete(1, replay.model.handle(0));

        assertThat(replay.check().overlaps()).isEqualTo(1);
    }

    @Test
    void passes_on_findings_of_the_pool() {
        FakeReplay replay = replay();
        replay.heap.findings.add(new Finding(Finding.Severity.WARNING, "lane 3", "0", "1"));

        CheckResult result = replay.check();

        assertThat(result.verifyFindings()).isEqualTo(1);
        assertThat(result.details().getFirst()).contains("lane 3");
    }

    @Test
    void finds_statistics_that_differ_from_the_walk() {
        FakeReplay replay = replay().acknowledged(0, 2);
        replay.heap.countedTooMany = 1;

        assertThat(replay.check().statisticsMismatches()).isEqualTo(1);
    }

    @Test
    void tells_whether_an_allocation_in_flight_is_done() {
        FakeReplay replay = replay().acknowledged(0, 1);
        assertThat(replay.check().outcomes()).containsExactly(Outcome.UNDONE, Outcome.UNDONE);

        long handle = replay.perform(0);
        CheckResult result = replay.check();

        assertThat(result.faults()).isZero();
        assertThat(result.outcomes()).containsExactly(Outcome.DONE, Outcome.UNDONE);
        assertThat(result.handles()).containsExactly(handle, Handles.NONE);
    }

    @Test
    void tells_which_block_belongs_to_which_allocation_in_flight() {
        FakeReplay replay = replay();
        long second = replay.perform(1);
        long first = replay.perform(0);

        assertThat(replay.check().handles()).containsExactly(first, second);
    }

    @Test
    void finds_an_allocation_in_flight_with_wrong_content() {
        FakeReplay replay = replay().acknowledged(0, 1);
        replay.heap.memory(replay.perform(0))[36] ^= 1;

        assertThat(replay.check().leaked()).isEqualTo(1);
    }

    @Test
    void finds_a_second_block_of_one_allocation_in_flight() {
        FakeReplay replay = replay().acknowledged(0, 1);
        replay.perform(0);
        replay.perform(0);

        assertThat(replay.check().leaked()).isEqualTo(1);
    }

    @Test
    void tells_whether_a_free_in_flight_is_done() {
        FakeReplay replay = replay().acknowledged(0, 3);
        assertThat(replay.check().outcomes().getFirst()).isEqualTo(Outcome.UNDONE);

        replay.perform(0);
        CheckResult result = replay.check();

        assertThat(result.faults()).isZero();
        assertThat(result.outcomes().getFirst()).isEqualTo(Outcome.DONE);
        assertThat(result.handles().getFirst()).isEqualTo(Handles.NONE);
    }

    @Test
    void finds_wrong_content_in_a_block_whose_free_was_in_flight() {
        FakeReplay replay = replay().acknowledged(0, 3);
        replay.heap.memory(replay.model.handle(2))[5] ^= 1;

        CheckResult result = replay.check();

        assertThat(result.contentErrors()).isEqualTo(1);
        assertThat(result.faults()).isEqualTo(1);
    }

    @Test
    void tells_whether_a_move_in_flight_is_done() {
        FakeReplay replay = replay().acknowledged(0, 2);
        assertThat(replay.check().outcomes().getFirst()).isEqualTo(Outcome.UNDONE);

        long moved = replay.perform(0);
        CheckResult result = replay.check();

        assertThat(result.faults()).isZero();
        assertThat(result.outcomes().getFirst()).isEqualTo(Outcome.DONE);
        assertThat(result.handles().getFirst()).isEqualTo(moved);
    }

    @Test
    void finds_a_move_that_left_both_blocks() {
        FakeReplay replay = replay().acknowledged(0, 2);
        replay.newBlock(0);

        CheckResult result = replay.check();

        assertThat(result.leaked()).isEqualTo(1);
        assertThat(result.faults()).isEqualTo(1);
    }

    @Test
    void finds_a_move_that_left_neither_block() {
        FakeReplay replay = replay().acknowledged(0, 2);
        replay.heap.free(replay.model.handle(0));

        CheckResult result = replay.check();

        assertThat(result.lost()).isEqualTo(1);
        assertThat(result.faults()).isEqualTo(1);
    }

    @Test
    void understands_an_allocation_in_flight_at_the_place_of_a_free_in_flight() {
        FakeReplay replay = new FakeReplay(2, "a 0 64 1", "a 1 50 2", "f 0 1", "f 1 2").acknowledged(0, 1);
        long place = replay.model.handle(0);
        replay.perform(0);
        replay.performAt(1, place);

        CheckResult result = replay.check();

        assertThat(result.faults()).isZero();
        assertThat(result.outcomes()).containsExactly(Outcome.DONE, Outcome.DONE);
        assertThat(result.handles()).containsExactly(Handles.NONE, place);
    }

    @Test
    void allows_nothing_in_flight_when_nobody_was_killed() {
        FakeReplay replay = replay().acknowledged(0, 1);
        replay.perform(0);

        CheckResult result = Check.run(replay.model, replay.heap, false);

        assertThat(result.leaked()).isEqualTo(1);
        assertThat(result.outcomes()).containsOnly(Outcome.NOT_BEGUN);
    }

    @Test
    void knows_that_an_operation_which_waits_for_another_thread_has_not_begun() {
        FakeReplay replay = new FakeReplay(2, "a 0 100 1", "f 0 2", "a 1 10 1", "f 1 1");

        assertThat(replay.check().outcomes()).containsExactly(Outcome.UNDONE, Outcome.NOT_BEGUN);
        assertThat(replay.acknowledged(0, 1).check().outcomes()).containsExactly(Outcome.UNDONE, Outcome.UNDONE);
    }

    @Test
    void explains_any_kill_and_notices_any_planted_fault() {
        long seed = Long.getLong("pmem.seed", 1);
        System.out.println("repeat with: mvn test -pl pmem.tool -am -Dtest=CheckTest -Dpmem.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            FakeReplay replay = randomKill(random);
            String place = "seed=" + seed + " round=" + round;
            assertThat(replay.check().details()).as(place).isEmpty();
            plantFault(replay, random);
            assertThat(replay.check().faults()).as(place).isPositive();
        }
    }

    private static FakeReplay randomKill(SplittableRandom random) {
        int threads = random.nextInt(2, 6);
        FakeReplay replay = new FakeReplay(threads, randomTrace(random, threads));
        for (int step = random.nextInt(400); step > 0; step--) {
            int thread = random.nextInt(threads);
            if (replay.model.canRun(thread)) {
                replay.acknowledged(thread, 1);
            }
        }
        List<Integer> inFlight = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            if (replay.model.canRun(thread) && random.nextBoolean()) {
                inFlight.add(thread);
            }
        }
        inFlight.forEach(replay::perform);
        return replay;
    }

    private static String[] randomTrace(SplittableRandom random, int threads) {
        List<String> lines = new ArrayList<>();
        List<Integer> live = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int thread = random.nextInt(threads);
            int pick = live.isEmpty() ? 0 : random.nextInt(4);
            if (pick <= 1) {
                lines.add("a " + i + " " + random.nextInt(16, 500) + " " + thread);
                live.add(i);
            } else if (pick == 2) {
                lines.add("r " + live.get(random.nextInt(live.size())) + " " + random.nextInt(16, 500) + " " + thread);
            } else {
                int freed = live.get(random.nextInt(live.size()));
                live.remove(Integer.valueOf(freed));
                lines.add("f " + freed + " " + thread);
            }
        }
        return lines.toArray(String[]::new);
    }

    private static void plantFault(FakeReplay replay, SplittableRandom random) {
        List<Integer> live = new ArrayList<>();
        for (int object = 0; object < replay.plan.objectCount(); object++) {
            if (replay.model.isLive(object) && replay.heap.blocks.containsKey(replay.model.handle(object))) {
                live.add(object);
            }
        }
        int fault = live.isEmpty() ? 0 : random.nextInt(3);
        if (fault == 0) {
            replay.heap.allocate(random.nextInt(16, 500));
            return;
        }
        int object = live.get(random.nextInt(live.size()));
        long handle = replay.model.handle(object);
        if (fault == 1) {
            replay.heap.memory(handle)[random.nextInt((int) replay.model.bytes(object))] ^= 4;
        } else {
            // Moved to another place with all its bytes: a free in flight may explain that it is gone, nothing that it
            // is there.
            byte[] memory = replay.heap.memory(handle);
            replay.heap.free(handle);
            replay.heap.blocks.put(replay.heap.allocate(memory.length), memory);
        }
    }
}
