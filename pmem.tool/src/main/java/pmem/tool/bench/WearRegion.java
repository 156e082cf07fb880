package pmem.tool.bench;

import java.util.Arrays;
import pmem.spi.PersistPoint;
import pmem.spi.Region;
import pmem.testkit.region.ForwardingRegion;

/** Counts how often each line of another region is written back. For one thread. */
final class WearRegion extends ForwardingRegion {
    private final int[] writes;
    private long lines;
    private long fences;

    WearRegion(Region region) {
        super(region);
        writes = new int[Math.toIntExact(region.capacityBytes() / LINE_BYTES)];
    }

    /** Write-backs of each line, a copy. */
    int[] writes() {
        return writes.clone();
    }

    /** Forgets what was counted. */
    void reset() {
        Arrays.fill(writes, 0);
        lines = 0;
        fences = 0;
    }

    // Else nothing would be written back, and accesses would take a shorter way.
    @Override
    public boolean isTransient() {
        return false;
    }

    private void count(long offset, long bytes) {
        for (long line = offset / LINE_BYTES; line * LINE_BYTES < offset + bytes; line++) {
            writes[(int) line]++;
            lines++;
        }
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {
        count(offset, bytes);
        super.writeBack(point, offset, bytes);
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        count(offset, Long.BYTES);
        fences++;
        super.writeBackAndFence(point, offset);
    }

    @Override
    public void fence(PersistPoint point) {
        fences++;
        super.fence(point);
    }

    @Override
    public long linesWrittenBack() {
        return lines;
    }

    @Override
    public long fences() {
        return fences;
    }
}
