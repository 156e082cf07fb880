package pmem.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import pmem.bench.measure.WorkloadKind;

/** Workloads of blocks of one size. */
public class FixedSizeBenchmark extends SmallBlockBenchmark {
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

    /** Thirty-two in a transaction. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.BATCH_CHUNK)
    public long transactionBatch(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Linked from a durable word. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.PAIR_CHUNK)
    public long link(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** One after the other of 1,024 live blocks. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.REUSE_CHUNK)
    public long reuseLinearFixed(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }

    /** Sets of blocks that wander between the threads. */
    @Benchmark
    @OperationsPerInvocation(WorkloadKind.LARSON_CHUNK)
    public long larson(BenchmarkAllocator allocator, Part part) {
        return part.chunk();
    }
}
