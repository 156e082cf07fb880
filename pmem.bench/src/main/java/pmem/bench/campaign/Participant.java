package pmem.bench.campaign;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import pmem.bench.allocator.Setting;
import pmem.bench.allocator.Subject;
import pmem.bench.fork.Fork;
import pmem.bench.fork.ForkException;
import pmem.bench.fork.Launcher;
import pmem.bench.frames.FrameCost;
import pmem.bench.frames.FrameSpec;
import pmem.bench.measure.Capability;
import pmem.bench.measure.Latencies;
import pmem.bench.measure.Round;
import pmem.bench.measure.Workload;
import pmem.bench.measure.WorkloadSpec;

/** An allocator with its child, which is started anew after it failed. */
final class Participant implements AutoCloseable {
    private static final long READY_SECONDS = 120;
    private static final long ROUND_SECONDS = 90;

    private final Subject subject;
    private final Launcher launcher;
    private final ScratchDirectory scratch;
    private final Plan plan;
    private final int slots;
    private final boolean countPersists;
    private Optional<Fork> fork = Optional.empty();
    private Path directory = Path.of("");
    private boolean ready;

    Participant(Subject subject, Launcher launcher, ScratchDirectory scratch, Plan plan, boolean countPersists) {
        this(subject, launcher, scratch, plan, plan.threadsMax() * Workload.SLOTS_STRIDE, countPersists);
    }

    Participant(
            Subject subject, Launcher launcher, ScratchDirectory scratch, Plan plan, int slots, boolean countPersists) {
        this.subject = subject;
        this.launcher = launcher;
        this.scratch = scratch;
        this.plan = plan;
        this.slots = slots;
        this.countPersists = countPersists;
    }

    Subject subject() {
        return subject;
    }

    /** Starts the child without waiting for it; a failure shows at the first use. */
    void prepare() {
        try {
            start();
        } catch (ForkException failure) {
            fork = Optional.empty();
        }
    }

    private void start() throws ForkException {
        directory = scratch.make("fork-");
        ready = false;
        Setting setting = new Setting(directory, plan.capacityBytes(), slots, countPersists);
        fork = Optional.of(Fork.start(launcher.launch(subject, setting), directory));
    }

    /** What the allocator can do. */
    Set<Capability> capabilities() throws ForkException {
        return running().capabilities();
    }

    /** Whether it is measured under this workload. */
    boolean does(WorkloadSpec spec) throws ForkException {
        return subject.takesPart(spec) && capabilities().containsAll(spec.kind().needs());
    }

    Round round(WorkloadSpec spec, long nanos) throws ForkException {
        return running().round(spec, nanos, ROUND_SECONDS);
    }

    Latencies latencies(WorkloadSpec spec, long nanos) throws ForkException {
        return running().latencies(spec, nanos, ROUND_SECONDS);
    }

    FrameCost frames(FrameSpec spec) throws ForkException {
        return running().frames(spec, ROUND_SECONDS);
    }

    private Fork running() throws ForkException {
        if (fork.isEmpty()) {
            start();
        }
        Fork running = fork.orElseThrow();
        if (!ready) {
            running.awaitReady(READY_SECONDS);
            ready = true;
        }
        return running;
    }

    @Override
    public void close() {
        stop();
    }

    /** Ends the child; the next use starts another one. */
    void stop() {
        fork.ifPresent(Fork::close);
        fork = Optional.empty();
        if (!directory.toString().isEmpty()) {
            ScratchDirectory.delete(directory);
        }
    }
}
