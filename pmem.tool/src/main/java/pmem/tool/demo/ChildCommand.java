package pmem.tool.demo;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.PoolStats;
import pmem.api.RecoveryReport;
import pmem.tool.common.ExitCode;
import pmem.tool.report.HeapMap;

/** The child of {@code pmem demo}: opens the pool, checks it, and replays until it is killed. Started by the parent only. */
@Command(name = "demo-child", hidden = true, description = "Started by pmem demo.")
public final class ChildCommand implements Callable<Integer> {
    private static final double NANOS_PER_MILLI = 1e6;

    private final FileOutputStream messages = new FileOutputStream(FileDescriptor.out);

    /** For {@code pmem}. */
    public ChildCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        // Whatever else prints must not get between the messages.
        System.setOut(System.err);
        Thread.UncaughtExceptionHandler onFailure = (thread, failure) -> giveUp(failure);
        Thread.currentThread().setUncaughtExceptionHandler(onFailure);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(System.in, 1 << 16))) {
            Handover handover = Handover.read(in);
            messages.write(
                    ByteBuffer.allocate(Integer.BYTES).putInt(Frames.OPENING).array());
            long start = System.nanoTime();
            try (Pool pool = open(handover)) {
                double openMillis = (System.nanoTime() - start) / NANOS_PER_MILLI;
                sendReport(report(pool, handover, openMillis));
                if (handover.part() != Handover.Part.FINISH) {
                    new ChildReplay(pool, handover, messages).run(onFailure);
                }
            }
        } catch (IOException | RuntimeException failure) {
            giveUp(failure);
        }
        return ExitCode.OK;
    }

    private static Pool open(Handover handover) {
        DemoSettings settings = handover.settings();
        PoolOptions options = handover.part() == Handover.Part.CREATE
                ? PoolOptions.createNew(settings.capacityBytes()).policy(settings.policy())
                : PoolOptions.open().policy(settings.policy());
        return Pool.open(settings.pool(), options.durability(settings.durability()));
    }

    private static ChildReport report(Pool pool, Handover handover, double openMillis) {
        CheckResult check = Check.run(handover.model(), HeapImage.of(pool), handover.part() != Handover.Part.CREATE);
        // What was done is done: the replay goes on after it.
        foldIn(handover.model(), check);
        PoolStats stats = pool.stats();
        HeapMap map = new HeapMap(stats.capacityBytes());
        pool.forEachBlock(map::add);
        RecoveryReport recovery = pool.recovery();
        return new ChildReport(
                pool.durability().toString(),
                recovery.toString(),
                recovery.logMillis() + recovery.rebuildMillis(),
                openMillis,
                stats.capacityBytes(),
                stats.usedBytes(),
                map,
                check);
    }

    /** Completes in the model what the check found done. Parent and child do the same, so their models stay equal. */
    static void foldIn(Model model, CheckResult check) {
        for (int thread = 0; thread < check.outcomes().size(); thread++) {
            if (check.outcomes().get(thread) == Outcome.DONE) {
                model.complete(thread, check.handles().get(thread));
            }
        }
    }

    private void sendReport(ChildReport report) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(Frames.REPORT);
            report.write(out);
        }
        messages.write(bytes.toByteArray());
    }

    private void giveUp(Throwable failure) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(Frames.FAILURE);
            String message = failure.getMessage();
            Frames.writeText(out, message == null ? failure.toString() : message);
            messages.write(bytes.toByteArray());
        } catch (IOException parentIsGone) {
            // Nobody is left to be told.
        }
        failure.printStackTrace();
        Runtime.getRuntime().halt(ExitCode.FAILED);
    }
}
