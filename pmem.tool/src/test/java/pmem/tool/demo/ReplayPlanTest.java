package pmem.tool.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.tool.trace.Trace;
import pmem.tool.trace.TraceFiles;
import pmem.tool.trace.TraceOperation;
import pmem.tool.trace.TraceReader;

class ReplayPlanTest {
    @Test
    void gives_each_thread_its_own_objects_when_the_trace_has_one_thread() {
        ReplayPlan plan = ReplayPlan.fold(TraceFiles.of("a 0 10 1", "a 1 20 1", "f 0 1"), 3);

        assertThat(plan.threadCount()).isEqualTo(3);
        assertThat(plan.objectCount()).isEqualTo(6);
        for (int thread = 0; thread < 3; thread++) {
            assertThat(plan.operationCount(thread)).isEqualTo(4);
            assertThat(plan.object(thread, 0)).isEqualTo(2 * thread);
            assertThat(plan.object(thread, 1)).isEqualTo(2 * thread + 1);
            assertThat(plan.kind(thread, 3)).isEqualTo(TraceOperation.FREE);
            assertThat(plan.object(thread, 3)).isEqualTo(2 * thread + 1);
        }
    }

    @Test
    void shares_the_threads_of_the_trace_out_by_their_load() {
        ReplayPlan plan = ReplayPlan.fold(
                TraceFiles.of("a 0 10 9", "f 0 9", "a 1 10 9", "f 1 9", "a 2 10 5", "f 2 5", "a 3 10 4", "f 3 4"), 2);

        assertThat(plan.operationCount(0)).isEqualTo(4);
        assertThat(plan.operationCount(1)).isEqualTo(4);
    }

    @Test
    void leaves_threads_idle_that_the_trace_can_not_keep_busy() {
        ReplayPlan plan = ReplayPlan.fold(TraceFiles.of("a 0 10 1", "f 0 2"), 4);

        assertThat(plan.operationCount(0) + plan.operationCount(1)).isEqualTo(2);
        assertThat(plan.operationCount(2)).isZero();
        assertThat(plan.operationCount(3)).isZero();
    }

    @Test
    void counts_versions_on_through_the_iterations() {
        ReplayPlan plan = ReplayPlan.fold(TraceFiles.of("a 0 10 1", "r 0 30 1", "f 0 1"), 2);

        assertThat(plan.requiredVersion(0, 0)).isZero();
        assertThat(plan.requiredVersion(0, 2)).isEqualTo(2);
        assertThat(plan.requiredVersion(0, 3)).isEqualTo(3);
        assertThat(plan.isLive(0, 3)).isFalse();
        assertThat(plan.isLive(0, 4)).isTrue();
        assertThat(plan.bytes(0, 4)).isEqualTo(10);
        assertThat(plan.bytes(0, 5)).isEqualTo(30);
    }

    @Test
    void never_needs_more_than_its_demand_and_never_stands_still() {
        Trace trace = TraceReader.readBundled();
        SplittableRandom random = new SplittableRandom(7);
        ReplayPlan plan = ReplayPlan.fold(trace, 3);
        Model model = new Model(plan, 1);
        long liveBytes = 0;
        long liveBytesMax = 0;
        for (int steps = 0; steps < 3 * trace.operationCount(); steps++) {
            // One thread runs far ahead of the others, as far as it can.
            int thread = random.nextInt(100) == 0 ? random.nextInt(3) : steps / 50_000 % 3;
            if (!model.canRun(thread)) {
                thread = model.canRun(0) ? 0 : model.canRun(1) ? 1 : 2;
            }
            int object = plan.object(thread, model.position(thread));
            boolean free = plan.kind(thread, model.position(thread)) == TraceOperation.FREE;
            liveBytes -= model.isLive(object) ? model.bytes(object) : 0;
            model.complete(thread, free ? Handles.NONE : 16L * (object + 1));
            liveBytes += model.isLive(object) ? model.bytes(object) : 0;
            liveBytesMax = Math.max(liveBytesMax, liveBytes);
        }
        assertThat(liveBytesMax).isBetween(trace.peakLiveBytes() / 2, plan.demandBytes());
    }

    @Test
    void frees_everything_at_the_end_of_an_iteration() {
        ReplayPlan plan = ReplayPlan.fold(TraceReader.readBundled(), 2);
        Model model = new Model(plan, 1);
        boolean moved = true;
        while (moved) {
            moved = false;
            for (int thread = 0; thread < 2; thread++) {
                while (model.position(thread) < plan.operationCount(thread) && model.canRun(thread)) {
                    boolean free = plan.kind(thread, model.position(thread)) == TraceOperation.FREE;
                    model.complete(thread, free ? Handles.NONE : 16);
                    moved = true;
                }
            }
        }
        for (int thread = 0; thread < 2; thread++) {
            assertThat(model.position(thread)).isEqualTo(plan.operationCount(thread));
        }
        for (int object = 0; object < plan.objectCount(); object++) {
            assertThat(model.isLive(object)).isFalse();
        }
    }
}
