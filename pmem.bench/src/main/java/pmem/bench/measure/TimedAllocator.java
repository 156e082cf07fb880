package pmem.bench.measure;

import java.util.Arrays;
import java.util.Set;
import org.HdrHistogram.Histogram;

/** Times each plain call of another allocator. For one thread. */
public final class TimedAllocator implements Allocator {
    private static final long NANOS_MAX = 60_000_000_000L;
    private static final int DIGITS = 3;

    private final Allocator allocator;
    private final Histogram histogram = new Histogram(NANOS_MAX, DIGITS);

    /** Around this one. */
    public TimedAllocator(Allocator allocator) {
        this.allocator = allocator;
    }

    @Override
    public Set<Capability> capabilities() {
        return allocator.capabilities();
    }

    @Override
    public void allocate(int slot, long bytes) {
        long start = System.nanoTime();
        allocator.allocate(slot, bytes);
        histogram.recordValue(Math.min(NANOS_MAX, System.nanoTime() - start));
    }

    @Override
    public void free(int slot) {
        long start = System.nanoTime();
        allocator.free(slot);
        histogram.recordValue(Math.min(NANOS_MAX, System.nanoTime() - start));
    }

    /** What was recorded. */
    public Latencies latencies() {
        return new Latencies(Arrays.stream(Latencies.PERCENTILES)
                .map(percentile -> histogram.getValueAtPercentile(percentile))
                .toArray());
    }

    @Override
    public void close() {
        allocator.close();
    }
}
