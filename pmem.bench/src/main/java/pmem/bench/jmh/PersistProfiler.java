package pmem.bench.jmh;

import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/** Prints lines and fences of an operation beside its time. They are counted before the timed part, on a pool of their own. */
public final class PersistProfiler implements InternalProfiler {
    private static volatile double lines;
    private static volatile double fences;

    /** For JMH. */
    public PersistProfiler() {}

    static void set(double linesPerOperation, double fencesPerOperation) {
        lines = linesPerOperation;
        fences = fencesPerOperation;
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {}

    @Override
    @SuppressWarnings("rawtypes") // as JMH declares it
    public Collection<? extends Result> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        return List.of(
                new ScalarResult("persist.lines", lines, "lines/op", AggregationPolicy.AVG),
                new ScalarResult("persist.fences", fences, "fences/op", AggregationPolicy.AVG));
    }

    @Override
    public String getDescription() {
        return "Cache lines and fences of an operation";
    }
}
