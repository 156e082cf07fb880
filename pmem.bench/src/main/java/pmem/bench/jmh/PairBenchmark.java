package pmem.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Allocates a block and frees it at once: the shortest path of an allocator. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PairBenchmark {
    /** Size of a block, bytes. */
    @Param({"64", "1024", "4096"})
    public long blockBytes = 64;

    /** For JMH. */
    public PairBenchmark() {}

    /** One allocate and one free. */
    @Benchmark
    @OperationsPerInvocation(2)
    public void pair(BenchmarkPool shared) {
        shared.pool().free(shared.pool().allocate(blockBytes));
    }
}
