package pmem.tool.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.DurabilityDomain;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;
import pmem.tool.common.ToolException;
import pmem.tool.trace.TraceFiles;

/** Kills a real child, then damages the pool behind the model's back: the next child must notice. */
class ChildProcessTest {
    @TempDir
    private Path directory;

    private DemoSettings settings() throws IOException {
        String[] lines = new String[400];
        for (int i = 0; i < 200; i++) {
            lines[i] = "a " + i + " " + (50 + i) + " 1";
            lines[399 - i] = "f " + i + " 1";
        }
        Path trace = TraceFiles.write(directory, "ramp.trace", lines);
        return new DemoSettings(
                directory.resolve("child.pool"),
                "buddy",
                Size.mib(16),
                DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE,
                3,
                2,
                Optional.of(trace));
    }

    /** Lets a child replay until it was killed with some blocks live, and returns the model. */
    private Model killed(DemoSettings settings) {
        Model model = new Model(ReplayPlan.fold(settings.readTrace(), settings.threads()), settings.seed());
        Handover.Part part = Handover.Part.CREATE;
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            do {
                try (ChildProcess child = ChildProcess.start(new Handover(settings, part, model), errors())) {
                    ChildReport report = child.awaitReport();
                    assertThat(report.check().details()).isEmpty();
                    ChildCommand.foldIn(model, report.check());
                    child.replayUntilKilled(
                            clock, 30, acknowledged -> model.complete(acknowledged.thread(), acknowledged.handle()));
                }
                part = Handover.Part.CONTINUE;
            } while (acknowledgedLive(model).isEmpty());
        }
        return model;
    }

    private Path errors() {
        return directory.resolve("child.err");
    }

    private static List<Integer> acknowledgedLive(Model model) {
        List<Integer> live = new ArrayList<>();
        for (int object = 0; object < model.plan().objectCount(); object++) {
            if (model.isLive(object) && !inFlight(model, object)) {
                live.add(object);
            }
        }
        return live;
    }

    private static boolean inFlight(Model model, int object) {
        return model.plan().object(0, model.position(0)) == object
                || model.plan().object(1, model.position(1)) == object;
    }

    private CheckResult checkedAfter(Consumer<Pool> damage, DemoSettings settings, Model model) {
        try (Pool pool = Pool.open(settings.pool(), PoolOptions.open())) {
            damage.accept(pool);
        }
        try (ChildProcess child = ChildProcess.start(new Handover(settings, Handover.Part.FINISH, model), errors())) {
            CheckResult check = child.awaitReport().check();
            child.awaitEnd();
            return check;
        }
    }

    @Test
    void a_pool_nobody_touched_after_the_kill_is_found_right() throws IOException {
        DemoSettings settings = settings();
        Model model = killed(settings);

        CheckResult check = checkedAfter(pool -> {}, settings, model);

        assertThat(check.details()).isEmpty();
        assertThat(check.faults()).isZero();
        assertThat(check.blocks()).isPositive();
    }

    @Test
    void a_child_killed_while_it_opens_the_pool_changes_nothing() throws IOException {
        DemoSettings settings = settings();
        Model model = killed(settings);
        int unreported = 0;
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            for (int delayMillis = 0; delayMillis <= 20; delayMillis += 10) {
                Handover handover = new Handover(settings, Handover.Part.CONTINUE, model);
                try (ChildProcess child = ChildProcess.start(handover, errors())) {
                    boolean reported = child.openUntilKilled(
                            clock,
                            delayMillis,
                            report -> ChildCommand.foldIn(model, report.check()),
                            acknowledged -> model.complete(acknowledged.thread(), acknowledged.handle()));
                    unreported += reported ? 0 : 1;
                }
            }
        }

        CheckResult check = checkedAfter(pool -> {}, settings, model);

        assertThat(unreported).isPositive();
        assertThat(check.details()).isEmpty();
        assertThat(check.faults()).isZero();
    }

    @Test
    void a_freed_an_extra_and_a_changed_block_are_all_found() throws IOException {
        DemoSettings settings = settings();
        Model model = killed(settings);
        List<Integer> live = acknowledgedLive(model);

        CheckResult check = checkedAfter(
                pool -> {
                    long victim = model.handle(live.getFirst());
                    if (live.size() > 1) {
                        MemorySegment block = pool.segment(model.handle(live.get(1)));
                        block.set(ValueLayout.JAVA_BYTE, 49, (byte) ~block.get(ValueLayout.JAVA_BYTE, 49));
                    }
                    pool.allocate(Size.kib(64));
                    pool.free(victim);
                },
                settings,
                model);

        assertThat(check.lost()).isEqualTo(1);
        assertThat(check.leaked()).isEqualTo(1);
        assertThat(check.contentErrors()).isEqualTo(live.size() > 1 ? 1 : 0);
        assertThat(check.details()).hasSize((int) check.faults());
    }

    @Test
    void a_child_that_can_not_open_its_pool_says_why() throws IOException {
        DemoSettings settings = settings();
        Model model = new Model(ReplayPlan.fold(settings.readTrace(), 2), 3);

        try (ChildProcess child = ChildProcess.start(new Handover(settings, Handover.Part.CONTINUE, model), errors())) {
            assertThatThrownBy(child::awaitReport)
                    .isInstanceOf(ToolException.class)
                    .hasMessageContaining(settings.pool().toString());
        }
    }
}
