package pmem.bench.jmh;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;
import pmem.bench.measure.Workload;

/** One thread's part of the workload. What it leaves is freed with the pool. */
@State(Scope.Thread)
public class Part {
    @SuppressWarnings("NullAway.Init") // set before the first benchmark
    private Workload workload;

    /** For JMH. */
    public Part() {}

    /** Fills what must be there before the first chunk. */
    @Setup(Level.Trial)
    public void setUp(BenchmarkAllocator shared, ThreadParams thread) {
        workload = shared.part(thread.getThreadIndex());
        workload.setUp();
    }

    long chunk() {
        return workload.chunk();
    }
}
