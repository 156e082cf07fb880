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

/** Many blocks of one size, all allocated, then all freed. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class BulkBenchmark {
    /** Size of a block, bytes. */
    @Param({"64", "256"})
    public long blockBytes;

    /** For JMH. */
    public BulkBenchmark() {}

    /** Freed in the order of their allocation. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.BULK_CHUNK)
    public long bulkOrdered(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Freed in random order. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.BULK_CHUNK)
    public long bulkRandom(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }
}
