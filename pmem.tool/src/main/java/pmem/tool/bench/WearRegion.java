package pmem.tool.bench;

import java.lang.foreign.MemorySegment;
import pmem.api.Durability;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/** Counts how often each line of another region is written back. For one thread. */
final class WearRegion extends Region {
    private final Region region;
    private final int[] writes;
    private long lines;
    private long fences;

    WearRegion(Region region) {
        this.region = region;
        writes = new int[Math.toIntExact(region.capacityBytes() / LINE_BYTES)];
    }

    /** Write-backs of each line, a copy. */
    int[] writes() {
        return writes.clone();
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
        region.writeBack(point, offset, bytes);
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        count(offset, Long.BYTES);
        fences++;
        region.writeBackAndFence(point, offset);
    }

    @Override
    public void fence(PersistPoint point) {
        fences++;
        region.fence(point);
    }

    @Override
    public long linesWrittenBack() {
        return lines;
    }

    @Override
    public long fences() {
        return fences;
    }

    @Override
    public long capacityBytes() {
        return region.capacityBytes();
    }

    @Override
    public Durability durability() {
        return region.durability();
    }

    @Override
    public String name() {
        return region.name();
    }

    @Override
    public boolean isZeroed() {
        return region.isZeroed();
    }

    @Override
    public long loadPlain(long offset) {
        return region.loadPlain(offset);
    }

    @Override
    public long loadAcquire(long offset) {
        return region.loadAcquire(offset);
    }

    @Override
    public void storePlain(long offset, long value) {
        region.storePlain(offset, value);
    }

    @Override
    public void storeRelease(long offset, long value) {
        region.storeRelease(offset, value);
    }

    @Override
    public boolean compareAndSet(long offset, long expected, long value) {
        return region.compareAndSet(offset, expected, value);
    }

    @Override
    public long getAndBitwiseOr(long offset, long bits) {
        return region.getAndBitwiseOr(offset, bits);
    }

    @Override
    public long getAndBitwiseAnd(long offset, long mask) {
        return region.getAndBitwiseAnd(offset, mask);
    }

    @Override
    public MemorySegment slice(long offset, long bytes) {
        return region.slice(offset, bytes);
    }

    @Override
    public void publishCreated() {
        region.publishCreated();
    }

    @Override
    public void close() {
        region.close();
    }
}
