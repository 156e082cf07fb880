package pmem.policy.bitmap;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import pmem.api.Durability;
import pmem.api.DurabilityDomain;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/** A region in an array, and what media would have of it if nothing but fenced lines ever got there. */
final class ArrayRegion extends Region {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int WORDS_PER_LINE = LINE_BYTES / Long.BYTES;

    private final long[] words;
    private final long[] media;
    private final ThreadLocal<BitSet> pendingLines = ThreadLocal.withInitial(BitSet::new);

    private final Map<String, LongAdder> steps = new ConcurrentHashMap<>();
    private volatile Consumer<String> onStep = place -> {};

    private long fences;

    ArrayRegion(long capacityBytes) {
        this(new long[(int) (capacityBytes / Long.BYTES)]);
    }

    private ArrayRegion(long[] media) {
        words = media.clone();
        this.media = media;
    }

    /** The region as it is found after a loss of power. */
    synchronized ArrayRegion afterPowerLoss() {
        return new ArrayRegion(media.clone());
    }

    /** The word as media has it. */
    synchronized long onMedia(long offset) {
        return media[index(offset)];
    }

    private static int index(long offset) {
        assert offset % Long.BYTES == 0;
        return (int) (offset / Long.BYTES);
    }

    @Override
    public long capacityBytes() {
        return (long) words.length * Long.BYTES;
    }

    @Override
    public Durability durability() {
        return new Durability(DurabilityDomain.VOLATILE, "copy", "copy", List.of());
    }

    @Override
    public String name() {
        return "array";
    }

    @Override
    public boolean isZeroed() {
        return true;
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
        words[index(offset)] = value;
    }

    @Override
    public void storeRelease(long offset, long value) {
        WORD.setRelease(words, index(offset), value);
    }

    @Override
    public boolean compareAndSet(long offset, long expected, long value) {
        return WORD.compareAndSet(words, index(offset), expected, value);
    }

    @Override
    public long getAndBitwiseOr(long offset, long bits) {
        return (long) WORD.getAndBitwiseOr(words, index(offset), bits);
    }

    @Override
    public long getAndBitwiseAnd(long offset, long mask) {
        return (long) WORD.getAndBitwiseAnd(words, index(offset), mask);
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {
        pendingLines.get().set((int) (offset / LINE_BYTES), (int) ((offset + bytes - 1) / LINE_BYTES) + 1);
    }

    @Override
    public synchronized void fence(PersistPoint point) {
        fences++;
        pendingLines.get().stream().forEach(line -> {
            for (int i = line * WORDS_PER_LINE; i < (line + 1) * WORDS_PER_LINE; i++) {
                media[i] = (long) WORD.getVolatile(words, i);
            }
        });
        pendingLines.get().clear();
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        writeBack(point, offset, Long.BYTES);
        fence(point);
    }

    @Override
    public void step(String place) {
        steps.computeIfAbsent(place, unseen -> new LongAdder()).increment();
        onStep.accept(place);
    }

    /** How often a place was passed since the last call for it. */
    long stepsSince(String place) {
        return steps.computeIfAbsent(place, unseen -> new LongAdder()).sumThenReset();
    }

    /** What threads do at each place. */
    void onStep(Consumer<String> action) {
        onStep = action;
    }

    @Override
    public MemorySegment slice(long offset, long bytes) {
        return MemorySegment.ofArray(words).asSlice(offset, bytes);
    }

    @Override
    public long linesWrittenBack() {
        return 0;
    }

    @Override
    public synchronized long fences() {
        return fences;
    }

    @Override
    public void publishCreated() {}

    @Override
    public void close() {}
}
