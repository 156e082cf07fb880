package pmem.tool.advise;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Weighs the trials of all traces against each other. Figures are geometric means over the traces. */
final class Advice {
    /** What matters. Of candidates that are equal by all figures the first in the order of the policies comes first. */
    enum Preference {
        /** Memory first, in steps of 5 %; then time in coarse bands. A candidate of twice the time of the fastest comes after the others. */
        BALANCED,
        /** Time in coarse bands; memory between equals. */
        SPEED,
        /** Memory in steps of 1 %; time in coarse bands between equals. */
        SPACE
    }

    // Memory is counted, so that small steps are no chance. Times wander from run to run by a quarter and more where
    // other
    // programs run, so that only bands as wide as that may decide.
    private static final double MEMORY_STEP = 1.05;
    private static final double MEMORY_STEP_FINE = 1.01;
    private static final double TIME_BAND = 1.5;
    private static final double SLOW = 2;

    private final List<Trial> means;

    private Advice(List<Trial> means) {
        this.means = means;
    }

    /** From the trials of every candidate on every trace. */
    static Advice of(List<Trial> trials) {
        Map<Candidate, List<Trial>> byCandidate = new LinkedHashMap<>();
        trials.forEach(trial -> byCandidate
                .computeIfAbsent(trial.candidate(), any -> new ArrayList<>())
                .add(trial));
        int traces = byCandidate.values().stream().mapToInt(List::size).max().orElse(0);
        // Whoever could not do one of the traces is no advice.
        return new Advice(byCandidate.entrySet().stream()
                .filter(entry -> entry.getValue().size() == traces)
                .map(entry -> mean(entry.getKey(), entry.getValue()))
                .toList());
    }

    private static Trial mean(Candidate candidate, List<Trial> trials) {
        return new Trial(
                candidate,
                geometric(trials, Trial::nanosPerOperation),
                geometric(trials, Trial::usedPerAsked),
                trials.stream().mapToDouble(Trial::linesPerOperation).average().orElse(0),
                trials.stream().mapToDouble(Trial::fencesPerOperation).average().orElse(0));
    }

    private static double geometric(List<Trial> trials, ToDoubleFunction<Trial> figure) {
        double logarithms = trials.stream()
                .mapToDouble(trial -> Math.log(figure.applyAsDouble(trial)))
                .average()
                .orElse(0);
        return Math.exp(logarithms);
    }

    /** Whether nobody could do all traces. */
    boolean isEmpty() {
        return means.isEmpty();
    }

    /** The candidates, best first. */
    List<Trial> ranked(Preference preference) {
        Comparator<Trial> order = switch (preference) {
            case BALANCED ->
                steps(Trial::nanosPerOperation, SLOW)
                        .thenComparing(steps(Trial::usedPerAsked, MEMORY_STEP))
                        .thenComparing(steps(Trial::nanosPerOperation, TIME_BAND))
                        .thenComparing(counts());
            case SPEED -> steps(Trial::nanosPerOperation, TIME_BAND).thenComparing(counts());
            case SPACE ->
                steps(Trial::usedPerAsked, MEMORY_STEP_FINE)
                        .thenComparing(steps(Trial::nanosPerOperation, TIME_BAND))
                        .thenComparing(counts());
        };
        return means.stream().sorted(order).toList();
    }

    // What is counted does not wander; the sort is stable, so that the plain policy stays before its variants.
    private static Comparator<Trial> counts() {
        return Comparator.comparingLong((Trial trial) -> Math.round(100 * trial.usedPerAsked()))
                .thenComparingLong(trial -> Math.round(100 * trial.fencesPerOperation()))
                .thenComparingLong(trial -> Math.round(100 * trial.linesPerOperation()));
    }

    // By how many steps, each a factor, a figure is above the best.
    private Comparator<Trial> steps(ToDoubleFunction<Trial> figure, double step) {
        double best = means.stream().mapToDouble(figure).min().orElse(1);
        return Comparator.comparingInt(trial -> (int) (Math.log(figure.applyAsDouble(trial) / best) / Math.log(step)));
    }
}
