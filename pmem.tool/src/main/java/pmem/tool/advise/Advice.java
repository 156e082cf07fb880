package pmem.tool.advise;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Weighs the trials of all traces against each other. Figures are geometric means over the traces. */
final class Advice {
    /** What matters. */
    enum Preference {
        /** A tenth of the time is worth a tenth of the memory. */
        BALANCED,
        /** Time; memory between equals. */
        SPEED,
        /** Memory; time between equals. */
        SPACE
    }

    // Figures this near to each other are taken for equal: times wander by as much from run to run.
    private static final double EQUAL = 1.03;

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
            case BALANCED -> Comparator.comparingDouble(trial -> trial.nanosPerOperation() * trial.usedPerAsked());
            case SPEED -> steps(Trial::nanosPerOperation).thenComparingDouble(Trial::usedPerAsked);
            case SPACE -> steps(Trial::usedPerAsked).thenComparingDouble(Trial::nanosPerOperation);
        };
        return means.stream().sorted(order).toList();
    }

    // By how many steps of "equal" a figure is above the best.
    private Comparator<Trial> steps(ToDoubleFunction<Trial> figure) {
        double best = means.stream().mapToDouble(figure).min().orElse(1);
        return Comparator.comparingInt(trial -> (int) (Math.log(figure.applyAsDouble(trial) / best) / Math.log(EQUAL)));
    }
}
