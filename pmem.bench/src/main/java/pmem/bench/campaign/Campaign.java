package pmem.bench.campaign;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import pmem.bench.allocator.Rival;
import pmem.bench.allocator.Subject;
import pmem.bench.fork.ForkException;
import pmem.bench.fork.Launcher;
import pmem.bench.measure.Round;
import pmem.bench.measure.WorkloadKind;
import pmem.bench.measure.WorkloadSpec;

/** Runs a plan. For one thread. */
public final class Campaign {
    private static final long COUNTING_NANOS = 10_000_000;

    private final Plan plan;
    private final Progress progress;
    private final ScratchDirectory scratch;
    private final Launcher launcher;
    private final List<Result> results = new ArrayList<>();
    private final List<NotRun> notRun = new ArrayList<>();
    private final Map<WorkloadSpec, Map<Subject, Round>> counted = new HashMap<>();
    private long stepsDone;

    private Campaign(Plan plan, ScratchDirectory scratch, Progress progress) {
        this.plan = plan;
        this.scratch = scratch;
        this.progress = progress;
        launcher = new Launcher(scratch.path());
    }

    /** Runs the plan and returns what it gave; an allocator that fails costs its own rows only. */
    public static Outcome run(Plan plan, Progress progress) {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Campaign campaign = new Campaign(plan, scratch, progress);
            campaign.run();
            return new Outcome(campaign.results, campaign.notRun);
        }
    }

    private void run() {
        if (!plan.forkPerWorkload()) {
            try (Participants all = new Participants(plan.subjects())) {
                List<Participant> able = all.able();
                count(able);
                plan.workloads().forEach(spec -> measure(spec, able));
            }
            return;
        }
        List<Subject> subjects;
        try (Participants all = new Participants(plan.subjects())) {
            List<Participant> able = all.able();
            subjects = able.stream().map(Participant::subject).toList();
            count(able);
        }
        for (WorkloadSpec spec : plan.workloads()) {
            try (Participants fresh = new Participants(subjects)) {
                measure(spec, fresh.participants);
            }
        }
    }

    // All children of one time, started together: they are idle unless they run a round.
    private final class Participants implements AutoCloseable {
        private final List<Participant> participants;

        Participants(List<Subject> subjects) {
            participants = subjects.stream()
                    .map(subject -> new Participant(subject, launcher, scratch, plan, false))
                    .toList();
            participants.forEach(Participant::prepare);
        }

        // Those for which everything is there; the others are reported once, not per workload.
        List<Participant> able() {
            List<Participant> able = new ArrayList<>();
            for (Participant participant : participants) {
                Subject subject = participant.subject();
                progress.step(stepsDone, plan.steps(), "starting " + subject.title());
                try {
                    participant.capabilities();
                    able.add(participant);
                } catch (ForkException lacking) {
                    notRun.add(new NotRun(subject, NotRun.EVERY, String.valueOf(lacking.getMessage())));
                    stepsDone += (long) plan.workloads().size() * (plan.rounds() + 1);
                }
            }
            return able;
        }

        @Override
        public void close() {
            participants.forEach(Participant::close);
        }
    }

    // In processes of their own, for counting takes time. Only what this library writes can be counted.
    private void count(List<Participant> able) {
        for (Participant timed : able) {
            Subject subject = timed.subject();
            if (subject.isVolatile() || Rival.of(subject.allocator()).isPresent()) {
                continue;
            }
            try (Participant counting = new Participant(subject, launcher, scratch, plan, true)) {
                for (WorkloadSpec spec : plan.workloads()) {
                    if (counting.does(spec)) {
                        progress.step(stepsDone, plan.steps(), "counting " + spec.title() + ", " + subject.title());
                        counted.computeIfAbsent(spec, any -> new HashMap<>())
                                .put(subject, counting.round(spec, COUNTING_NANOS));
                    }
                }
            } catch (ForkException failure) {
                // The same failure shows when it is measured; the counts of the row stay unknown.
            }
        }
    }

    private void measure(WorkloadSpec spec, List<Participant> participants) {
        Map<Subject, Samples> samples = new HashMap<>();
        List<Participant> able = new ArrayList<>();
        for (Participant participant : participants) {
            if (isAble(participant, spec) && round(participant, spec, warmUpNanos(participant), new Samples())) {
                able.add(participant);
                samples.put(participant.subject(), new Samples());
            } else {
                stepsDone += plan.rounds();
            }
        }
        for (int round = 0; round < plan.rounds(); round++) {
            // Another one begins in each round, so that none always follows the same neighbour's cache contents.
            for (int i = 0; i < participants.size(); i++) {
                Participant participant = participants.get((i + round) % participants.size());
                if (able.contains(participant)
                        && !round(participant, spec, plan.roundNanos(), samplesOf(samples, participant.subject()))) {
                    able.remove(participant);
                    samples.remove(participant.subject());
                    stepsDone += plan.rounds() - round - 1;
                }
            }
        }
        for (Participant participant : able) {
            Subject subject = participant.subject();
            results.add(samplesOf(samples, subject).result(spec, subject, lines(spec, subject), fences(spec, subject)));
        }
    }

    // A program in C has no compiler to wait for, only caches to fill.
    private long warmUpNanos(Participant participant) {
        return Rival.of(participant.subject().allocator())
                        .filter(rival -> rival.needs().compiler())
                        .isPresent()
                ? Math.min(plan.roundNanos(), plan.warmUpNanos())
                : plan.warmUpNanos();
    }

    private boolean isAble(Participant participant, WorkloadSpec spec) {
        try {
            if (participant.does(spec)) {
                return true;
            }
        } catch (ForkException failure) {
            notRun.add(new NotRun(participant.subject(), spec.title(), String.valueOf(failure.getMessage())));
            participant.close();
        }
        stepsDone++;
        return false;
    }

    private static Samples samplesOf(Map<Subject, Samples> samples, Subject subject) {
        return samples.computeIfAbsent(subject, none -> new Samples());
    }

    private boolean round(Participant participant, WorkloadSpec spec, long nanos, Samples samples) {
        progress.step(
                stepsDone++,
                plan.steps(),
                spec.title() + ", " + participant.subject().title());
        try {
            samples.add(participant.round(spec, nanos));
            return true;
        } catch (ForkException failure) {
            notRun.add(new NotRun(participant.subject(), spec.title(), String.valueOf(failure.getMessage())));
            // Its allocator may be full or damaged.
            participant.close();
            return false;
        }
    }

    private OptionalDouble lines(WorkloadSpec spec, Subject subject) {
        return persists(spec, subject, true);
    }

    private OptionalDouble fences(WorkloadSpec spec, Subject subject) {
        return persists(spec, subject, false);
    }

    private OptionalDouble persists(WorkloadSpec spec, Subject subject, boolean lines) {
        if (subject.isVolatile()) {
            return OptionalDouble.of(0);
        }
        if (spec.kind() == WorkloadKind.FLOOR) {
            return OptionalDouble.of(1);
        }
        Round round = counted.getOrDefault(spec, Map.of()).get(subject);
        if (round == null) {
            return OptionalDouble.empty();
        }
        double count = lines ? round.linesPerOperation() : round.fencesPerOperation();
        return count < 0 ? OptionalDouble.empty() : OptionalDouble.of(count);
    }
}
