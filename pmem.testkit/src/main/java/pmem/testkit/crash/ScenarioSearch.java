package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import pmem.testkit.region.SimulatedRegion;
import pmem.testkit.schedule.PreemptionSearch;
import pmem.testkit.schedule.Schedule;

/** One scenario under all schedules with few preemptions, and under random ones. */
final class ScenarioSearch {
    private final Exploration exploration;
    private final ExplorerSettings settings;
    private final Sizes sizes;
    private final Scenario scenario;
    private final Consumer<CrashExplorer.Progress> listener;
    private final String repeat;
    private final ImageChecker checker;

    ScenarioSearch(
            Exploration exploration,
            Sizes sizes,
            Scenario scenario,
            Consumer<CrashExplorer.Progress> listener,
            String repeat) {
        this.exploration = exploration;
        this.settings = exploration.settings;
        this.sizes = sizes;
        this.scenario = scenario;
        this.listener = listener;
        this.repeat = repeat + " with scenario \"" + scenario.name() + "\"";
        this.checker = new ImageChecker(exploration, sizes, Exploration.Origin.TWO_THREADS, true);
    }

    ExplorerReport run() {
        long startNanos = System.nanoTime();
        int threadCount = scenario.together().size();
        SimulatedRegion region = SimulatedRegion.onMedia(SimulatedRegion.growableWords(
                exploration.target.capacityBytes(), exploration.target.maxCapacityBytes()));
        exploration.target.create(region).close();
        StartImage start = StartImage.of(region);
        try (NumberedThreads threads = new NumberedThreads(threadCount)) {
            new PreemptionSearch(threadCount, settings.preemptions(), exploration::isOver)
                    .run(schedule -> tellAndRun(threads, start, schedule));
            for (int i = 0; i < settings.randomSchedules().count() && !exploration.isOver(); i++) {
                runRandomly(
                        threads,
                        start,
                        Schedule.random(settings.randomSchedules().seed() + i));
            }
        }
        return exploration.toReport(0, (System.nanoTime() - startNanos) / 1e9);
    }

    private int tellAndRun(NumberedThreads threads, StartImage start, Schedule schedule) {
        listener.accept(new CrashExplorer.Progress(scenario.name(), 0, exploration.distinct.sum()));
        return runOnce(exploration, checker, threads, start, schedule);
    }

    private void runRandomly(NumberedThreads threads, StartImage start, Schedule schedule) {
        int before = exploration.violationsKept();
        List<Integer> order = new ArrayList<>();
        tellAndRun(threads, start, ScheduleShrinker.recording(schedule, order));
        if (exploration.violationsKept() == before) {
            return;
        }
        List<Integer> fewest = ScheduleShrinker.shrink(
                order, candidate -> violationUnder(exploration.attempt(), threads, start, candidate));
        violationUnder(exploration.lastAttempt(), threads, start, ScheduleShrinker.explicit(fewest))
                .ifPresent(exploration::replaceLast);
    }

    private Optional<Violation> violationUnder(
            Exploration attempt, NumberedThreads threads, StartImage start, Schedule schedule) {
        ImageChecker fresh = new ImageChecker(attempt, sizes, Exploration.Origin.TWO_THREADS, true);
        runOnce(attempt, fresh, threads, start, schedule);
        return attempt.firstViolation();
    }

    private int runOnce(
            Exploration into, ImageChecker with, NumberedThreads threads, StartImage start, Schedule schedule) {
        ThreadsRun threadsRun = new ThreadsRun(into, with, repeat, threads, scenario.name());
        SequenceRun run = new SequenceRun(into, with, start, sizes, repeat, threadsRun::scheduled);
        try {
            threads.on(0, () -> scenario.before().forEach(operation -> require(run.run(operation, false), operation)));
            CallLog log = threadsRun.log(run);
            List<Trial> trials = new ArrayList<>();
            for (int i = 0; i < scenario.together().size(); i++) {
                trials.add(ThreadsRun.trialOf(i, run, log, sizes, run.trial().live()));
                if (i == 0) {
                    trials.getFirst().inheritAccess(run.trial());
                }
                require(
                        scenario.together().get(i).applicable(trials.getLast()),
                        scenario.together().get(i));
            }
            int steps = threadsRun.run(run, log, scenario.together(), trials, schedule);
            State after = log.stateAt(run.state(), run.region().moments().size());
            judge(into, run.state(), after, schedule);
            return steps;
        } catch (TrialFailure reported) {
            return 0;
        } finally {
            run.abandon();
        }
    }

    private static void require(boolean applicable, Operation operation) {
        if (!applicable) {
            throw new IllegalArgumentException(
                    "the scenario has an operation that is not applicable there: " + operation.name());
        }
    }

    private void judge(Exploration into, State before, State after, Schedule schedule) {
        if (into.violationCount() == 0 && !scenario.outcome().test(before, after)) {
            into.report(new Violation(
                    exploration.target.id(),
                    List.of(scenario.name()),
                    List.of(),
                    List.of(),
                    List.of("no crash is involved"),
                    "the threads ended with " + after + " after " + before + ", expected " + scenario.outcomeInWords(),
                    repeat + " (" + schedule + ")",
                    Optional.empty()));
        }
    }
}
