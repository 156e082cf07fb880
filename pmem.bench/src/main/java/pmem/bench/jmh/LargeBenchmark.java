package pmem.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import pmem.bench.measure.WorkloadKind;

/** Large blocks. */
public class LargeBenchmark extends WorkloadBenchmark {
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
