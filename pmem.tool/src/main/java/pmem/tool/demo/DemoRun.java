package pmem.tool.demo;

import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import pmem.tool.common.ToolException;

/**
 * The kills of one policy: starts child after child, keeps the model, and kills. Not thread-safe.
 *
 * <p>Every child but the first checks what its predecessor left, unless it is killed before; the one after the last kill only
 * checks. Some are killed while they open the pool, so that recovery itself is interrupted. A check that fails ends
 * the run: what comes after it would prove nothing.
 */
final class DemoRun {
    private static final int DELAY_MILLIS_MIN = 20;
    private static final int DELAY_MILLIS_MAX = 400;
    /** One of so many children is killed while it opens the pool, or soon after. */
    private static final int KILLS_PER_OPENING_KILL = 4;
    /** A child needs about as long to load its classes, recover and check. */
    private static final int OPENING_DELAY_MILLIS_MAX = 60;

    private final DemoSettings settings;
    private final int kills;
    private final Path childErrors;
    private final DemoProgress progress;
    private final Model model;
    private final DemoTally tally;
    private final SplittableRandom random;

    DemoRun(DemoSettings settings, ReplayPlan plan, int kills, Path childErrors, DemoProgress progress) {
        this.settings = settings;
        this.kills = kills;
        this.childErrors = childErrors;
        this.progress = progress;
        model = new Model(plan, settings.seed());
        tally = new DemoTally(settings);
        random = new SplittableRandom(settings.seed());
    }

    /**
     * Kills as often as asked for, or until a check fails.
     *
     * @throws ToolException if a child can't open the pool or ends by itself
     */
    DemoTally run() {
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            String killed = "";
            for (int kill = 0; kill <= kills && tally.faults() == 0; kill++) {
                Handover.Part part =
                        kill == 0 ? Handover.Part.CREATE : kill < kills ? Handover.Part.CONTINUE : Handover.Part.FINISH;
                try (ChildProcess child = ChildProcess.start(new Handover(settings, part, model), childErrors)) {
                    if (part == Handover.Part.CONTINUE && random.nextInt(KILLS_PER_OPENING_KILL) == 0) {
                        killed = openUntilKilled(child, clock, killed);
                        continue;
                    }
                    takeReport(child.awaitReport(), killed);
                    if (part == Handover.Part.FINISH) {
                        child.awaitEnd();
                    } else if (tally.faults() == 0) {
                        killed = replayUntilKilled(child, clock);
                    }
                }
            }
        }
        return tally;
    }

    private void takeReport(ChildReport report, String killed) {
        tally.addReport(report);
        if (tally.kills() == 0) {
            progress.line("pool created: " + report.durability());
        } else {
            progress.line(killed + "; " + DemoText.inFlight(model, report.check()) + "; " + report.recovery() + "; "
                    + DemoText.checked(report.check()));
            progress.step(tally.kills(), tally.acknowledged());
        }
        report.check().details().forEach(detail -> progress.line("    " + detail));
        if (report.check().faults() == 0) {
            ChildCommand.foldIn(model, report.check());
        }
    }

    private String replayUntilKilled(ChildProcess child, ScheduledExecutorService clock) {
        int delayMillis = random.nextInt(DELAY_MILLIS_MIN, DELAY_MILLIS_MAX + 1);
        long[] count = {0};
        child.replayUntilKilled(clock, delayMillis, acknowledgement -> {
            count[0]++;
            take(acknowledgement);
        });
        tally.addKill(count[0]);
        return String.format("kill %d after %d ms: %d acknowledged", tally.kills(), delayMillis, count[0]);
    }

    /** Without a report nothing was acknowledged: the model stays, and the next child checks what two kills left. */
    private String openUntilKilled(ChildProcess child, ScheduledExecutorService clock, String killedBefore) {
        int delayMillis = random.nextInt(OPENING_DELAY_MILLIS_MAX + 1);
        long[] count = {0};
        boolean reported = child.openUntilKilled(
                clock, delayMillis, report -> takeReport(report, killedBefore), acknowledgement -> {
                    if (tally.faults() == 0) {
                        count[0]++;
                        take(acknowledgement);
                    }
                });
        if (!reported) {
            progress.line(killedBefore + "; the next child was killed before it had opened and checked the pool");
            progress.step(tally.kills(), tally.acknowledged());
            tally.addKillBeforeReport();
        }
        tally.addKill(count[0]);
        return String.format("kill %d after %d ms of opening: %d acknowledged", tally.kills(), delayMillis, count[0]);
    }

    private void take(Acknowledgement acknowledgement) {
        if (acknowledgement.position() != model.position(acknowledgement.thread())) {
            throw new ToolException(
                    "acknowledgement is out of order: thread=" + acknowledgement.thread() + ", expected operation="
                            + model.position(acknowledgement.thread()) + ", found=" + acknowledgement.position());
        }
        model.complete(acknowledgement.thread(), acknowledgement.handle());
    }
}
