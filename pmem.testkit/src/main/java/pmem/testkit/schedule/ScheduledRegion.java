package pmem.testkit.schedule;

import java.lang.foreign.MemorySegment;
import pmem.api.Durability;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/** A region at whose every access a scheduled thread stops and others may go on; see {@link Interleaver}. */
public final class ScheduledRegion extends Region {
    private final Region region;
    private final Runnable stop;

    /**
     * Wraps a region.
     *
     * @param region does the work
     * @param stop called before each access, for example {@link Interleaver#step}
     */
    public ScheduledRegion(Region region, Runnable stop) {
        this.region = region;
        this.stop = stop;
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
        stop.run();
        return region.loadPlain(offset);
    }

    @Override
    public long loadAcquire(long offset) {
        stop.run();
        return region.loadAcquire(offset);
    }

    @Override
    public void storePlain(long offset, long value) {
        stop.run();
        region.storePlain(offset, value);
    }

    @Override
    public void storeRelease(long offset, long value) {
        stop.run();
        region.storeRelease(offset, value);
    }

    @Override
    public boolean compareAndSet(long offset, long expected, long value) {
        stop.run();
        return region.compareAndSet(offset, expected, value);
    }

    @Override
    public long getAndBitwiseOr(long offset, long bits) {
        stop.run();
        return region.getAndBitwiseOr(offset, bits);
    }

    @Override
    public long getAndBitwiseAnd(long offset, long mask) {
        stop.run();
        return region.getAndBitwiseAnd(offset, mask);
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {
        stop.run();
        region.writeBack(point, offset, bytes);
    }

    @Override
    public void fence(PersistPoint point) {
        stop.run();
        region.fence(point);
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        writeBack(point, offset, Long.BYTES);
        fence(point);
    }

    @Override
    public long[] usedRanges(long offset, long endOffset) {
        stop.run();
        return region.usedRanges(offset, endOffset);
    }

    @Override
    public void loadAll(long offset, long[] into, int count) {
        stop.run();
        region.loadAll(offset, into, count);
    }

    @Override
    public void loadOnce(long offset, long[] into) {
        stop.run();
        region.loadOnce(offset, into);
    }

    @Override
    public boolean ensureBacked(long offset, long bytes) {
        return region.ensureBacked(offset, bytes);
    }

    @Override
    public MemorySegment slice(long offset, long bytes) {
        return region.slice(offset, bytes);
    }

    @Override
    public long linesWrittenBack() {
        return region.linesWrittenBack();
    }

    @Override
    public long fences() {
        return region.fences();
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
