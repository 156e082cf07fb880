package pmem.bench.campaign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import pmem.bench.allocator.Subject;
import pmem.bench.measure.Round;
import pmem.bench.measure.WorkloadSpec;

/** The rounds of one allocator under one workload. */
final class Samples {
    private final List<Round> rounds = new ArrayList<>();

    void add(Round round) {
        rounds.add(round);
    }

    boolean isEmpty() {
        return rounds.isEmpty();
    }

    Result result(WorkloadSpec spec, Subject subject, OptionalDouble lines, OptionalDouble fences) {
        double[] nanos = sorted(Round::nanosPerOperation);
        double garbage = quantile(sorted(Round::garbageBytesPerOperation), 0.5);
        return new Result(
                spec,
                subject,
                quantile(nanos, 0.5),
                (quantile(nanos, 0.75) - quantile(nanos, 0.25)) / 2,
                garbage < 0 ? OptionalDouble.empty() : OptionalDouble.of(garbage),
                lines,
                fences);
    }

    private double[] sorted(ToDoubleFunction<Round> figure) {
        double[] figures = rounds.stream().mapToDouble(figure).toArray();
        Arrays.sort(figures);
        return figures;
    }

    /** Between the two nearest figures by their distance. */
    static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
