package pmem.policy.segregated;

import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;
import pmem.api.Durability;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/** A region without memory: what a test gives to a lock so that it can make other threads pass a fence, or not. */
final class FencingRegion extends Region {
    private final BooleanSupplier fenceOthers;

    /** With what {@link #fenceOthers} does. */
    FencingRegion(BooleanSupplier fenceOthers) {
        this.fenceOthers = fenceOthers;
    }

    @Override
    public boolean fenceOthers() {
        return fenceOthers.getAsBoolean();
    }

    private static UnsupportedOperationException withoutMemory() {
        return new UnsupportedOperationException("the region has no memory");
    }

    @Override
    public long capacityBytes() {
        return 0;
    }

    @Override
    public Durability durability() {
        throw withoutMemory();
    }

    @Override
    public String name() {
        return "fences only";
    }

    @Override
    public boolean isZeroed() {
        return false;
    }

    @Override
    public long loadPlain(long offset) {
        throw withoutMemory();
    }

    @Override
    public long loadAcquire(long offset) {
        throw withoutMemory();
    }

    @Override
    public void storePlain(long offset, long value) {
        throw withoutMemory();
    }

    @Override
    public void storeRelease(long offset, long value) {
        throw withoutMemory();
    }

    @Override
    public boolean compareAndSet(long offset, long expected, long value) {
        throw withoutMemory();
    }

    @Override
    public long getAndBitwiseOr(long offset, long bits) {
        throw withoutMemory();
    }

    @Override
    public long getAndBitwiseAnd(long offset, long mask) {
        throw withoutMemory();
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {
        throw withoutMemory();
    }

    @Override
    public void fence(PersistPoint point) {
        throw withoutMemory();
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        throw withoutMemory();
    }

    @Override
    public MemorySegment slice(long offset, long bytes) {
        throw withoutMemory();
    }

    @Override
    public long linesWrittenBack() {
        return 0;
    }

    @Override
    public long fences() {
        return 0;
    }

    @Override
    public void publishCreated() {}

    @Override
    public void close() {}
}
