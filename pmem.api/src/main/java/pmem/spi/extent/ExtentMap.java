package pmem.spi.extent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * From a page to the extent it belongs to, in DRAM. Look-ups are lock-free; changes take a lock.
 *
 * <p>One {@code int} a page: 0 if no block can start in the page, {@code -n} for the first page of a large block of
 * {@code n} pages, else the number of the page's slab plus one. All pages of a slab carry its number; the further pages of a
 * large block carry 0, which is all that rejecting a handle there needs. The table is in parts that come into being with the
 * first extent in them, so that a large space which is little used costs little.
 *
 * @param <S> the policy's slabs
 */
final class ExtentMap<S extends SlabExtent> {
    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle PART = MethodHandles.arrayElementVarHandle(int[][].class);
    private static final int PART_SHIFT = Integer.numberOfTrailingZeros(PageBits.PART_PAGES);
    private static final int PART_MASK = PageBits.PART_PAGES - 1;
    private static final int[] NO_PART = {};
    private static final int SLABS_AT_START = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final int pageCount;
    private final int[][] parts;
    private int[] freeNumbers = new int[SLABS_AT_START];
    private int freeNumberCount;
    private int numberCount;
    private volatile AtomicReferenceArray<@Nullable S> slabs = new AtomicReferenceArray<>(SLABS_AT_START);

    /** Starts without extents. */
    ExtentMap(int pageCount) {
        this.pageCount = pageCount;
        parts = new int[(int) (((long) pageCount + PART_MASK) >>> PART_SHIFT)][];
        Arrays.fill(parts, NO_PART);
    }

    /** The slab a page belongs to, if any. */
    @Nullable
    S slabAt(int page) {
        // pairs with: ExtentMap.fill, which stores the entry after the slab
        int entry = entryAt(page);
        if (entry <= 0) {
            return null;
        }
        S slab = slabs.get(entry - 1);
        // The number may have gone to another slab since the entry was read.
        boolean covers = slab != null && page >= slab.firstPage() && page < slab.firstPage() + slab.pageCount();
        return covers ? slab : null;
    }

    /** Length in pages of the large block that starts with a page, or 0. */
    int largePagesAt(int page) {
        return Math.max(0, -entryAt(page));
    }

    /** Enters a large block. */
    void putLarge(int page, int pages) {
        ENTRY.setRelease(partFor(page), page & PART_MASK, -pages);
    }

    /** The page after the part of the table that a page is in. */
    static int endOfPart(int page, int pageCount) {
        return (int) Math.min(pageCount, (page & -(long) PageBits.PART_PAGES) + PageBits.PART_PAGES);
    }

    /** Whether the part of the table that a page is in never had an extent. */
    boolean isBlankAt(int page) {
        return partAt(page).length == 0;
    }

    /**
     * Takes a large block out.
     *
     * @return its length in pages, or 0 if there is none; of several callers one gets the length
     */
    int removeLarge(int page) {
        int[] part = partAt(page);
        int entry = entryAt(page);
        return entry < 0 && ENTRY.compareAndSet(part, page & PART_MASK, entry, 0) ? -entry : 0;
    }

    /** Enters a slab; its blocks are found from then on. */
    void putSlab(S slab) {
        lock.lock();
        try {
            int number = takeNumber();
            slabs.set(number, slab);
            fill(slab, number + 1);
        } finally {
            lock.unlock();
        }
    }

    /** Takes a slab out; none of its blocks is found any more. */
    void removeSlab(S slab) {
        lock.lock();
        try {
            int number = entryAt(slab.firstPage()) - 1;
            fill(slab, 0);
            slabs.set(number, null);
            if (freeNumberCount == freeNumbers.length) {
                freeNumbers = Arrays.copyOf(freeNumbers, 2 * freeNumberCount);
            }
            freeNumbers[freeNumberCount++] = number;
        } finally {
            lock.unlock();
        }
    }

    /** Visits the slabs there are; those that come or go meanwhile may be missed. */
    void forEachSlab(Consumer<? super S> visitor) {
        AtomicReferenceArray<@Nullable S> all = slabs;
        for (int i = 0; i < all.length(); i++) {
            S slab = all.get(i);
            if (slab != null) {
                visitor.accept(slab);
            }
        }
    }

    private int takeNumber() {
        if (freeNumberCount > 0) {
            return freeNumbers[--freeNumberCount];
        }
        if (numberCount == slabs.length()) {
            AtomicReferenceArray<@Nullable S> larger = new AtomicReferenceArray<>(2 * numberCount);
            for (int i = 0; i < numberCount; i++) {
                larger.setPlain(i, slabs.get(i));
            }
            slabs = larger;
        }
        return numberCount++;
    }

    private void fill(S slab, int entry) {
        for (int page = slab.firstPage(); page < slab.firstPage() + slab.pageCount(); page++) {
            ENTRY.setRelease(partFor(page), page & PART_MASK, entry);
        }
    }

    private int entryAt(int page) {
        int[] part = partAt(page);
        return part.length == 0 ? 0 : (int) ENTRY.getAcquire(part, page & PART_MASK);
    }

    private int[] partAt(int page) {
        // pairs with: ExtentMap.partFor
        return (int[]) PART.getAcquire(parts, page >>> PART_SHIFT);
    }

    private int[] partFor(int page) {
        int[] part = partAt(page);
        if (part.length != 0) {
            return part;
        }
        int index = page >>> PART_SHIFT;
        int[] made = new int[Math.min(PART_MASK + 1, pageCount - (index << PART_SHIFT))];
        return PART.compareAndSet(parts, index, part, made) ? made : partAt(page);
    }
}
