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
import pmem.bench.measure.WorkloadKind;

/** Large blocks. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class LargeBenchmark {
    /** Size of a block, bytes. */
    @Param({"65536", "1048576"})
    public long blockBytes;

    /** For JMH. */
    public LargeBenchmark() {}

    /** Eight blocks, freed in random order. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.LARGE_CHUNK)
    public long large(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Each page is written to. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.FIRST_TOUCH_CHUNK)
    public long firstTouch(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }
}
