package pmem.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import pmem.bench.measure.WorkloadKind;

/** Workloads of blocks of many sizes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class MixedSizeBenchmark {
    /** For JMH. */
    public MixedSizeBenchmark() {}

    /** A steady state of 50,000 blocks. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.CHURN_CHUNK)
    public long churn(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Sizes of 32 i mod 1024. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.BULK_CHUNK)
    public long bulkStepped(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Sizes likely as their inverse square. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.BULK_CHUNK)
    public long bulkInverseSquare(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Growing from 64 to 4,096 bytes by doubling. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.REALLOCATE_CHUNK)
    public long reallocate(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }
}
