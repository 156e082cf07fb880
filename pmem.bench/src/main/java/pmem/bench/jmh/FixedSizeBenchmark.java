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

/** Workloads of blocks of one size. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class FixedSizeBenchmark {
    /** Size of a block, bytes. */
    @Param({"64", "1024", "4096"})
    public long blockBytes;

    /** For JMH. */
    public FixedSizeBenchmark() {}

    /** Allocate and free at once. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.PAIR_CHUNK)
    public long pair(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Reserve, publish, free. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.PAIR_CHUNK)
    public long publish(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Allocate in a transaction, free in another one. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.PAIR_CHUNK)
    public long transaction(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Thirty-two by one call. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.BATCH_CHUNK)
    public long batch(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Sets of blocks that wander between the threads. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.LARSON_CHUNK)
    public long larson(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }
}
