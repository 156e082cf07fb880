package pmem.spi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import pmem.api.Durability;
import pmem.api.DurabilityDomain;

/**
 * A region in ordinary memory, for tests and for studying placement without a file. It remembers which ranges were written
 * back and counts fences; neither does anything. Thread-safe as every region.
 */
public final class HeapRegion extends Region {
    private static final VarHandle WORD =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /**
     * A range that was written back.
     *
     * @param point why
     * @param offset its first byte
     * @param bytes its length
     */
    public record WrittenBack(PersistPoint point, long offset, long bytes) {}

    private final MemorySegment memory;
    private final boolean isTransient;
    private final List<WrittenBack> writtenBack = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong fences = new AtomicLong();

    /** Makes a region that reads as zero. */
    public HeapRegion(long capacityBytes) {
        this(capacityBytes, false);
    }

    private HeapRegion(long capacityBytes, boolean isTransient) {
        memory = Arena.ofAuto().allocate(capacityBytes, LINE_BYTES);
        this.isTransient = isTransient;
    }

    /** A {@linkplain #isTransient transient} region that reads as zero. */
    public static HeapRegion ofTransient(long capacityBytes) {
        return new HeapRegion(capacityBytes, true);
    }

    /** Makes a region with this content. */
    public HeapRegion(byte[] image) {
        this(image.length);
        MemorySegment.copy(image, 0, memory, ValueLayout.JAVA_BYTE, 0, image.length);
    }

    /** Every byte of the region. */
    public byte[] image() {
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    /** One byte. */
    public int byteAt(long offset) {
        return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, offset));
    }

    /** Changes one byte without a trace. */
    public void setByte(long offset, int value) {
        memory.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    /** Changes a range without a trace. */
    public void fill(long offset, long bytes, int value) {
        memory.asSlice(offset, bytes).fill((byte) value);
    }

    /** What was written back so far, in order. */
    public List<WrittenBack> writtenBack() {
        return List.copyOf(writtenBack);
    }

    @Override
    public long capacityBytes() {
        return memory.byteSize();
    }

    @Override
    public Durability durability() {
        return new Durability(DurabilityDomain.VOLATILE, "none", "none", List.of());
    }

    @Override
    public String name() {
        return "heap";
    }

    @Override
    public boolean isZeroed() {
        return false;
    }

    @Override
    public boolean isTransient() {
        return isTransient;
    }

    @Override
    public long loadPlain(long offset) {
        return (long) WORD.get(memory, offset);
    }

    @Override
    public long loadAcquire(long offset) {
        return (long) WORD.getAcquire(memory, offset);
    }

    @Override
    public void storePlain(long offset, long value) {
        WORD.set(memory, offset, value);
    }

    @Override
    public void storeRelease(long offset, long value) {
        WORD.setRelease(memory, offset, value);
    }

    @Override
    public boolean compareAndSet(long offset, long expected, long value) {
        return WORD.compareAndSet(memory, offset, expected, value);
    }

    @Override
    public long getAndBitwiseOr(long offset, long bits) {
        return (long) WORD.getAndBitwiseOr(memory, offset, bits);
    }

    @Override
    public long getAndBitwiseAnd(long offset, long mask) {
        return (long) WORD.getAndBitwiseAnd(memory, offset, mask);
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {
        writtenBack.add(new WrittenBack(point, offset, bytes));
    }

    @Override
    public void fence(PersistPoint point) {
        fences.incrementAndGet();
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        writeBack(point, offset, Long.BYTES);
        fence(point);
    }

    @Override
    public MemorySegment slice(long offset, long bytes) {
        return memory.asSlice(offset, bytes);
    }

    @Override
    public long linesWrittenBack() {
        return 0;
    }

    @Override
    public long fences() {
        return fences.get();
    }

    @Override
    public void publishCreated() {}

    @Override
    public void close() {}
}
