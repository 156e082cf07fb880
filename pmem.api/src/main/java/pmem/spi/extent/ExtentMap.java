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
 * <p>Pages stand in groups of 64. A group's <em>front</em> is the slab that its first page belongs to, if any. A slab that is
 * the front of its own or of the next group is found by that; so long slabs cost one entry for 64 pages. Of any other extent the
 * group has <em>details</em>, one {@code int} a page: {@code -n} for the first page of a large block of {@code n} pages, the
 * number of the page's slab plus one for a slab that no front shows, else 0, which for the further pages of a large block is all
 * that rejecting a handle needs. Fronts and details are in parts that come into being with the first extent in them, so that a
 * large space which is little used costs little.
 *
 * @param <S> the kind of extents that are cut into blocks: a policy's slabs, or the segments of medium blocks
 */
final class ExtentMap<S extends Extent> {
    /** Fronts and details of the groups of a part. */
    private static final class Part {
        final @Nullable Extent[] fronts = new Extent[GROUPS];
        final int[][] details = new int[GROUPS][];

        Part() {
            Arrays.fill(details, NO_DETAILS);
        }
    }

    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle FRONT = MethodHandles.arrayElementVarHandle(Extent[].class);
    private static final VarHandle DETAILS = MethodHandles.arrayElementVarHandle(int[][].class);
    private static final int GROUP_SHIFT = 6;
    private static final int GROUP_PAGES = 1 << GROUP_SHIFT;
    private static final int PART_SHIFT = Integer.numberOfTrailingZeros(PageBits.PART_PAGES);
    private static final int GROUPS = PageBits.PART_PAGES / GROUP_PAGES;
    private static final int[] NO_DETAILS = {};
    private static final int SLABS_AT_START = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicReferenceArray<@Nullable Part> parts;
    private int[] freeNumbers = new int[SLABS_AT_START];
    private int freeNumberCount;
    private int numberCount;
    private volatile AtomicReferenceArray<@Nullable S> slabs = new AtomicReferenceArray<>(SLABS_AT_START);

    /** Starts without extents. */
    ExtentMap(int pageCount) {
        parts = new AtomicReferenceArray<>((pageCount + PageBits.PART_PAGES - 1) >>> PART_SHIFT);
    }

    /** The slab a page belongs to, if any. */
    @Nullable
    S slabAt(int page) {
        Part part = partAt(page);
        if (part == null) {
            return null;
        }
        int group = groupOf(page);
        S slab = covering(FRONT.getAcquire(part.fronts, group), page);
        if (slab == null) {
            int entry = detailAt(part, group, page);
            slab = entry > 0 ? covering(slabs.get(entry - 1), page) : null;
        }
        return slab == null ? covering(frontAt((page | (GROUP_PAGES - 1)) + 1), page) : slab;
    }

    /** A slab, if it has the page: what was just read may be a slab that is gone. All slabs here are of the policy's type. */
    @SuppressWarnings("unchecked")
    private @Nullable S covering(@Nullable Object found, int page) {
        Extent slab = (Extent) found;
        boolean covers = slab != null && page >= slab.firstPage() && page - slab.firstPage() < slab.pageCount();
        return covers ? (S) slab : null;
    }

    /** Length in pages of the large block that starts with a page, or 0. */
    int largePagesAt(int page) {
        Part part = partAt(page);
        return part == null ? 0 : Math.max(0, -detailAt(part, groupOf(page), page));
    }

    /** Enters a large block. */
    void putLarge(int page, int pages) {
        setDetail(page, -pages);
    }

    /** Gives a large block another length, if it still has the one before. */
    void resizeLarge(int page, int pages, int newPages) {
        ENTRY.compareAndSet(detailsFor(page), page & (GROUP_PAGES - 1), -pages, -newPages);
    }

    /** The page after the part of the table that a page is in. */
    static int endOfPart(int page, int pageCount) {
        return (int) Math.min(pageCount, (page & -(long) PageBits.PART_PAGES) + PageBits.PART_PAGES);
    }

    /** Whether the part of the table that a page is in never had an extent. */
    boolean isBlankAt(int page) {
        return partAt(page) == null;
    }

    /**
     * Takes a large block out.
     *
     * @return its length in pages, or 0 if there is none; of several callers one gets the length
     */
    int removeLarge(int page) {
        int pages = largePagesAt(page);
        if (pages == 0) {
            return 0;
        }
        int[] details = detailsFor(page);
        return ENTRY.compareAndSet(details, page & (GROUP_PAGES - 1), -pages, 0) ? pages : 0;
    }

    /** Enters a slab; its blocks are found from then on. */
    void putSlab(S slab) {
        lock.lock();
        try {
            int number = takeNumber();
            slab.setNumber(number);
            slabs.set(number, slab);
            fill(slab, slab, number + 1);
        } finally {
            lock.unlock();
        }
    }

    /** Takes a slab out; none of its blocks is found any more. */
    void removeSlab(S slab) {
        lock.lock();
        try {
            int number = slab.number();
            fill(slab, null, 0);
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

    private void fill(S slab, @Nullable S shown, int entry) {
        int first = slab.firstPage();
        int end = first + slab.pageCount();
        int front = (first + GROUP_PAGES - 1) & -GROUP_PAGES;
        partFor(first);
        // pairs with: ExtentMap.slabAt; the slab is stored before the entries that show it
        if (front >= end) {
            for (int page = first; page < end; page++) {
                setDetail(page, entry);
            }
        }
        for (; front < end; front += GROUP_PAGES) {
            FRONT.setRelease(partFor(front).fronts, groupOf(front), shown);
        }
    }

    /** The front of the group that begins with a page, none if the space ends before it. */
    private @Nullable Object frontAt(int page) {
        Part part = page >>> PART_SHIFT < parts.length() ? partAt(page) : null;
        return part == null ? null : FRONT.getAcquire(part.fronts, groupOf(page));
    }

    private static int detailAt(Part part, int group, int page) {
        int[] details = (int[]) DETAILS.getAcquire(part.details, group);
        return details.length == 0 ? 0 : (int) ENTRY.getAcquire(details, page & (GROUP_PAGES - 1));
    }

    private void setDetail(int page, int value) {
        ENTRY.setRelease(detailsFor(page), page & (GROUP_PAGES - 1), value);
    }

    private int[] detailsFor(int page) {
        Part part = partFor(page);
        int group = groupOf(page);
        int[] details = (int[]) DETAILS.getAcquire(part.details, group);
        if (details.length != 0) {
            return details;
        }
        int[] made = new int[GROUP_PAGES];
        return DETAILS.compareAndSet(part.details, group, details, made)
                ? made
                : (int[]) DETAILS.getAcquire(part.details, group);
    }

    private static int groupOf(int page) {
        return page >>> GROUP_SHIFT & (GROUPS - 1);
    }

    private @Nullable Part partAt(int page) {
        // pairs with: ExtentMap.partFor
        return parts.getAcquire(page >>> PART_SHIFT);
    }

    private Part partFor(int page) {
        Part part = partAt(page);
        if (part == null) {
            Part made = new Part();
            Part other = parts.compareAndExchange(page >>> PART_SHIFT, null, made);
            part = other == null ? made : other;
        }
        return part;
    }
}
