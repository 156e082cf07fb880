package pmem.testkit.region;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import pmem.api.Durability;
import pmem.spi.NodeStretches;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/**
 * Passes every call on to another region; subclasses change what they are about. Loads of many words come down to loads of each.
 */
public class ForwardingRegion extends Region {
    private final Region region;

    /** Wraps a region. */
    protected ForwardingRegion(Region region) {
        this.region = region;
    }

    @Override
    public long capacityBytes() {
        return region.capacityBytes();
    }

    @Override
    public long maxCapacityBytes() {
        return region.maxCapacityBytes();
    }

    @Override
    public long grow(PersistPoint point, long capacityBytes) {
        return region.grow(point, capacityBytes);
    }

    @Override
    public boolean isDevice() {
        return region.isDevice();
    }

    @Override
    public long lengthStepBytes() {
        return region.lengthStepBytes();
    }

    @Override
    public void shrink(long capacityBytes) {
        region.shrink(capacityBytes);
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
    public boolean isTransient() {
        return region.isTransient();
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
    public int loadByteAcquire(long offset) {
        return region.loadByteAcquire(offset);
    }

    @Override
    public void storeByteRelease(long offset, int value) {
        region.storeByteRelease(offset, value);
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
    public void writeBack(PersistPoint point, long offset, long bytes) {
        region.writeBack(point, offset, bytes);
    }

    @Override
    public void fence(PersistPoint point) {
        region.fence(point);
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        region.writeBackAndFence(point, offset);
    }

    @Override
    public long[] usedRanges(long offset, long endOffset) {
        return region.usedRanges(offset, endOffset);
    }

    @Override
    public boolean ensureBacked(long offset, long bytes) {
        return region.ensureBacked(offset, bytes);
    }

    @Override
    public long storageStepBytes() {
        return region.storageStepBytes();
    }

    @Override
    public long releaseStorage(long offset, long bytes) {
        return region.releaseStorage(offset, bytes);
    }

    @Override
    public boolean fenceOthers() {
        return region.fenceOthers();
    }

    @Override
    public void step(String place) {
        region.step(place);
    }

    @Override
    public NodeStretches nodes() {
        return region.nodes();
    }

    @Override
    public int nodeOfThread() {
        return region.nodeOfThread();
    }

    @Override
    public MemorySegment slice(long offset, long bytes) {
        return region.slice(offset, bytes);
    }

    @Override
    public MemorySegment view(Arena lifetime) {
        return region.view(lifetime);
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
