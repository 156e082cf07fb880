package pmem.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import pmem.bench.measure.WorkloadKind;

/** Many blocks of one size, all allocated, then all freed. */
public class BulkBenchmark extends SmallBlockBenchmark {
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
