package pmem.testkit.fuzz;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import pmem.api.Durability;
import pmem.api.DurabilityDomain;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/**
 * A region over an array that counts accesses, and fails when there are too many of them: what loops for ever over damaged
 * metadata ends. For one thread at a time as far as counting goes.
 */
final class ImageRegion extends Region {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    private static final long LENGTH_STEP_BYTES = 4096;

    private final long[] words;
    private final boolean growable;
    private long capacityBytes;
    private long steps;
    private long stepsMax = Long.MAX_VALUE;
    private long stores;
    private final BitSet stored = new BitSet();
    private Consumer<PersistPoint> beforeFence = point -> {};

    /** The pool did not come to an end. */
    static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooManySteps(long steps) {
            super("no end after " + steps + " accesses");
        }
    }

    ImageRegion(long capacityBytes) {
        this(capacityBytes, capacityBytes);
    }

    /** A region that can grow, if the largest size is another. */
    ImageRegion(long capacityBytes, long maxCapacityBytes) {
        this.capacityBytes = capacityBytes;
        growable = maxCapacityBytes > capacityBytes;
        words = new long[(int) (maxCapacityBytes / Long.BYTES)];
    }

    /** Starts again with an image, of which the region shows a part. */
    void reset(long[] image, long shownBytes, long accessesMax) {
        System.arraycopy(image, 0, words, 0, image.length);
        capacityBytes = shownBytes;
        steps = 0;
        stepsMax = accessesMax;
        stores = 0;
    }

    /** A copy of all words there are now. */
    long[] image() {
        return Arrays.copyOf(words, (int) (capacityBytes / Long.BYTES));
    }

    /** The words themselves, and those that have yet to come. */
    long[] words() {
        return words;
    }

    long steps() {
        return steps;
    }

    /** Stores since the reset. */
    long stores() {
        return stores;
    }

    /** Index of every word that was ever stored to through the region, and not through a slice. */
    BitSet storedWords() {
        return stored;
    }

    /** Calls a listener before each fence. */
    void beforeFence(Consumer<PersistPoint> listener) {
        beforeFence = listener;
    }

    private int index(long offset) {
        Objects.checkFromIndexSize(offset, Long.BYTES, capacityBytes);
        if ((offset & 7) != 0) {
            throw new IllegalArgumentException("word is not aligned: offset=0x" + Long.toHexString(offset));
        }
        if (++steps > stepsMax) {
            throw new TooManySteps(steps);
        }
        return (int) (offset >>> 3);
    }

    private int storeIndex(long offset) {
        int index = index(offset);
        stores++;
        stored.set(index);
        return index;
    }

    @Override
    public long capacityBytes() {
        return capacityBytes;
    }

    @Override
    public long maxCapacityBytes() {
        return growable ? (long) words.length * Long.BYTES : capacityBytes;
    }

    @Override
    public long grow(PersistPoint point, long wantedBytes) {
        capacityBytes = growable ? Math.max(capacityBytes, wantedBytes) : super.grow(point, wantedBytes);
        return capacityBytes;
    }

    @Override
    public long lengthStepBytes() {
        return growable ? LENGTH_STEP_BYTES : 0;
    }

    @Override
    public void shrink(long wantedBytes) {
        capacityBytes = Math.min(capacityBytes, wantedBytes);
    }

    @Override
    public Durability durability() {
        return new Durability(DurabilityDomain.VOLATILE, "none", "none", List.of());
    }

    @Override
    public String name() {
        return "image";
    }

    @Override
    public boolean isZeroed() {
        return false;
    }

    @Override
    public long loadPlain(long offset) {
        return words[index(offset)];
    }

    @Override
    public long loadAcquire(long offset) {
        return (long) WORD.getAcquire(words, index(offset));
    }

    @Override
    public void storePlain(long offset, long value) {
        words[storeIndex(offset)] = value;
    }

    @Override
    public void storeRelease(long offset, long value) {
        WORD.setRelease(words, storeIndex(offset), value);
    }

    @Override
    public boolean compareAndSet(long offset, long expected, long value) {
        return WORD.compareAndSet(words, storeIndex(offset), expected, value);
    }

    @Override
    public long getAndBitwiseOr(long offset, long bits) {
        return (long) WORD.getAndBitwiseOr(words, storeIndex(offset), bits);
    }

    @Override
    public long getAndBitwiseAnd(long offset, long mask) {
        return (long) WORD.getAndBitwiseAnd(words, storeIndex(offset), mask);
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, capacityBytes);
    }

    @Override
    public void fence(PersistPoint point) {
        beforeFence.accept(point);
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        writeBack(point, offset, Long.BYTES);
        fence(point);
    }

    @Override
    public MemorySegment slice(long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, capacityBytes);
        return MemorySegment.ofArray(words).asSlice(offset, bytes);
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
