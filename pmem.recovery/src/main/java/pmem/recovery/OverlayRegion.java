package pmem.recovery;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import pmem.api.Durability;
import pmem.api.PoolIoException;
import pmem.api.PoolPart;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/**
 * A region over another one that keeps all stores to itself: pages are copied to DRAM when first stored to. What opening,
 * recovering or repairing a pool would do is so found out by doing it here.
 *
 * <p>Keeps the stores in their order, so that they can be made on the region below later. Thread-safe as every region; stores take a lock,
 * since they are few. Closing does nothing: the region below belongs to somebody else.
 */
final class OverlayRegion extends Region {
    private static final int PAGE_SHIFT = 12;
    private static final int WORDS = 1 << (PAGE_SHIFT - 3);
    private static final int FILTER_WORDS = 64;

    private final Region below;
    private final ConcurrentHashMap<Long, AtomicLongArray> pages = new ConcurrentHashMap<>();
    // A bit that is 0 says that no page with this remainder is copied, which spares most loads the look-up.
    private final AtomicLongArray mayBeCopied = new AtomicLongArray(FILTER_WORDS);
    private final List<Store> stores = new ArrayList<>();

    /** A store; a fence stands for itself with offset -1. */
    private record Store(long offset, long value) {
        static final Store FENCE = new Store(-1, 0);

        boolean isFence() {
            return offset < 0;
        }
    }

    OverlayRegion(Region below) {
        this.below = below;
    }

    /** The words that differ from the region below, as ranges, ascending. */
    synchronized List<PoolPart> changedRanges() {
        List<PoolPart> ranges = new ArrayList<>();
        for (long offset : changedWords().keySet()) {
            PoolPart last = ranges.isEmpty() ? null : ranges.getLast();
            if (last != null && last.endOffset() == offset) {
                ranges.set(ranges.size() - 1, new PoolPart(last.name(), last.offset(), last.bytes() + Long.BYTES));
            } else {
                ranges.add(new PoolPart("changed", offset, Long.BYTES));
            }
        }
        return ranges;
    }

    private Map<Long, Long> changedWords() {
        Map<Long, Long> words = new TreeMap<>();
        for (Store store : stores) {
            if (!store.isFence()) {
                words.put(store.offset, store.value);
            }
        }
        words.entrySet().removeIf(word -> below.loadPlain(word.getKey()) == word.getValue());
        return words;
    }

    /** Makes all stores and fences of this region, in their order, on the region below. */
    synchronized void replay(PersistPoint point) {
        for (Store store : stores) {
            if (store.isFence()) {
                below.fence(point);
            } else if (below.loadPlain(store.offset) != store.value) {
                if (!below.ensureBacked(store.offset, Long.BYTES)) {
                    throw noStorage(store.offset);
                }
                below.storeRelease(store.offset, store.value);
                below.writeBack(point, store.offset, Long.BYTES);
            }
        }
        below.fence(point);
    }

    private PoolIoException noStorage(long offset) {
        return new PoolIoException("the file system has no room for a repair: pool=" + below.name() + " offset=0x"
                + Long.toHexString(offset) + "; free some space, then repair again");
    }

    @Override
    public long capacityBytes() {
        return below.capacityBytes();
    }

    @Override
    public boolean isDevice() {
        return below.isDevice();
    }

    @Override
    public Durability durability() {
        return below.durability();
    }

    @Override
    public String name() {
        return below.name();
    }

    @Override
    public boolean isZeroed() {
        return false;
    }

    @Override
    public long loadPlain(long offset) {
        return loadAcquire(offset);
    }

    @Override
    public long loadAcquire(long offset) {
        AtomicLongArray page = copied(offset >>> PAGE_SHIFT);
        return page == null ? below.loadAcquire(offset) : page.get(index(offset));
    }

    private @Nullable AtomicLongArray copied(long number) {
        boolean mayBe = (mayBeCopied.get(filterIndex(number)) & 1L << number) != 0;
        return mayBe ? pages.get(number) : null;
    }

    @Override
    public void loadAll(long offset, long[] into, int count) {
        below.loadAll(offset, into, count);
        copyOver(offset, into, count);
    }

    @Override
    public void loadOnce(long offset, long[] into) {
        below.loadOnce(offset, into);
        copyOver(offset, into, into.length);
    }

    private void copyOver(long offset, long[] into, int count) {
        for (int i = 0; i < count; i++) {
            long at = offset + (long) i * Long.BYTES;
            AtomicLongArray page = copied(at >>> PAGE_SHIFT);
            into[i] = page == null ? into[i] : page.get(index(at));
        }
    }

    @Override
    public long[] usedRanges(long offset, long endOffset) {
        TreeMap<Long, Long> endOfStart = new TreeMap<>();
        long[] used = below.usedRanges(offset, endOffset);
        for (int i = 0; i < used.length; i += 2) {
            endOfStart.put(used[i], used[i + 1]);
        }
        for (long number : pages.keySet()) {
            long start = Math.max(offset, number << PAGE_SHIFT);
            long end = Math.min(endOffset, (number + 1) << PAGE_SHIFT);
            if (start < end) {
                endOfStart.merge(start, end, Math::max);
            }
        }
        return joined(endOfStart);
    }

    private static long[] joined(Map<Long, Long> endOfStart) {
        long[] ranges = new long[2 * endOfStart.size()];
        int count = 0;
        for (Map.Entry<Long, Long> range : endOfStart.entrySet()) {
            if (count > 0 && range.getKey() <= ranges[count - 1]) {
                ranges[count - 1] = Math.max(ranges[count - 1], range.getValue());
            } else {
                ranges[count++] = range.getKey();
                ranges[count++] = range.getValue();
            }
        }
        return Arrays.copyOf(ranges, count);
    }

    @Override
    public void storePlain(long offset, long value) {
        storeRelease(offset, value);
    }

    @Override
    public synchronized void storeRelease(long offset, long value) {
        long number = offset >>> PAGE_SHIFT;
        pages.computeIfAbsent(number, this::copyOfPage).set(index(offset), value);
        mayBeCopied.set(filterIndex(number), mayBeCopied.get(filterIndex(number)) | 1L << number);
        stores.add(new Store(offset, value));
    }

    private AtomicLongArray copyOfPage(long number) {
        AtomicLongArray page = new AtomicLongArray(WORDS);
        long start = number << PAGE_SHIFT;
        for (int i = 0; i < WORDS && start + (long) i * Long.BYTES < below.capacityBytes(); i++) {
            page.setPlain(i, below.loadAcquire(start + (long) i * Long.BYTES));
        }
        return page;
    }

    private static int filterIndex(long number) {
        return (int) (number >>> 6) & (FILTER_WORDS - 1);
    }

    private static int index(long offset) {
        return (int) (offset >>> 3) & (WORDS - 1);
    }

    @Override
    public synchronized boolean compareAndSet(long offset, long expected, long value) {
        if (loadAcquire(offset) != expected) {
            return false;
        }
        storeRelease(offset, value);
        return true;
    }

    @Override
    public synchronized long getAndBitwiseOr(long offset, long bits) {
        long old = loadAcquire(offset);
        storeRelease(offset, old | bits);
        return old;
    }

    @Override
    public synchronized long getAndBitwiseAnd(long offset, long mask) {
        long old = loadAcquire(offset);
        storeRelease(offset, old & mask);
        return old;
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {}

    @Override
    public synchronized void fence(PersistPoint point) {
        stores.add(Store.FENCE);
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        fence(point);
    }

    /** The bytes of the region below: blocks are not changed here. */
    @Override
    public MemorySegment slice(long offset, long bytes) {
        return below.slice(offset, bytes).asReadOnly();
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
