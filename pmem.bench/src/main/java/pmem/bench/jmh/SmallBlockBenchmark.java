package pmem.bench.jmh;

import org.openjdk.jmh.annotations.Param;

/** A benchmark of blocks of one small size. */
public abstract class SmallBlockBenchmark extends WorkloadBenchmark {
    /** Size of a block, bytes. */
    @Param({"64", "256", "1024", "4096"})
    public long blockBytes;

    /** For subclasses. */
    protected SmallBlockBenchmark() {}
}
