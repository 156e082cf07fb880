package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Random sequences, each of which can be run again from its seed. One that fails is shortened: operations are dropped one by one
 * while what is left still fails.
 */
final class RandomSequences {
    private final Exploration exploration;
    private final ImageChecker checker;
    private final StartImage start;
    private final Sizes sizes;
    private final String repeat;

    RandomSequences(Exploration exploration, ImageChecker checker, StartImage start, Sizes sizes, String repeat) {
        this.exploration = exploration;
        this.checker = checker;
        this.start = start;
        this.sizes = sizes;
        this.repeat = repeat;
    }

    /** Runs the sequence of a seed, with a power cut at every moment of each operation. */
    void run(long seed) {
        Random random = new Random(seed);
        List<Operation> alphabet = exploration.settings.operations();
        List<Operation> done = new ArrayList<>();
        String repeatThis = repeat + " (sequence seed " + seed + ")";
        SequenceRun run = new SequenceRun(exploration, checker, start, sizes, repeatThis);
        try {
            while (done.size() < exploration.settings.random().length() && !exploration.isOver()) {
                Operation operation = alphabet.get(random.nextInt(alphabet.size()));
                done.add(operation);
                if (!run.run(operation, true)) {
                    done.removeLast();
                }
            }
            exploration.sequences.increment();
            run.close();
        } catch (TrialFailure reported) {
            run.abandon();
            exploration.violationOf(run.names()).ifPresent(violation -> shorten(violation, done, repeatThis));
        }
    }

    private void shorten(Violation violation, List<Operation> failing, String repeatThis) {
        List<Operation> shortest = failing;
        for (int i = shortest.size() - 2; i >= 0; i--) {
            List<Operation> shorter = new ArrayList<>(shortest);
            shorter.remove(i);
            if (violationOf(shorter, exploration.attempt(), repeatThis).isPresent()) {
                shortest = shorter;
            }
        }
        violationOf(
                        shortest,
                        exploration.lastAttempt(),
                        repeatThis + " shortened from " + failing.size() + " operations")
                .ifPresent(simpler -> exploration.replace(violation, simpler));
    }

    /** Runs a sequence with power cuts in its last operation. */
    private Optional<Violation> violationOf(List<Operation> sequence, Exploration attempt, String repeatThis) {
        ImageChecker fresh = new ImageChecker(attempt, sizes, Exploration.Origin.ONE_THREAD, true);
        SequenceRun run = new SequenceRun(attempt, fresh, start, sizes, repeatThis);
        try {
            for (int i = 0; i < sequence.size(); i++) {
                if (!run.run(sequence.get(i), i == sequence.size() - 1)) {
                    return Optional.empty();
                }
            }
            return Optional.empty();
        } catch (TrialFailure reported) {
            return attempt.firstViolation();
        } finally {
            run.abandon();
        }
    }
}
