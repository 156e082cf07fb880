package pmem.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import pmem.bench.measure.WorkloadKind;

/** Workloads of blocks of many sizes. */
public class MixedSizeBenchmark extends WorkloadBenchmark {
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

    /** The same sizes, 1,024 blocks. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.STEPPED_CHUNK)
    public long stepped(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** The same, each block filled and compared back. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.STEPPED_CHUNK)
    public long access(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Random ones of 1,024 live blocks of random sizes. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.REUSE_CHUNK)
    public long reuseRandomRandom(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Growing from 64 to 4,096 bytes by doubling. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.REALLOCATE_CHUNK)
    public long reallocate(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }
}
