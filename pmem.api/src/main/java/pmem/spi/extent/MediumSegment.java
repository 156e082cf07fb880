package pmem.spi.extent;

import pmem.spi.StateField;

/**
 * A segment of medium blocks in DRAM: which of its units are claimed, and the links of its free runs. The heap that it belongs to
 * guards what changes.
 */
final class MediumSegment extends Extent {
    private static final int TAG_BITS = 8;
    private static final int TAG_SHIFT = 3;

    private final MediumHeap heap;
    private final int unitShift;
    private final int firstUnit;
    private final int unitCount;
    private final long startOffset;
    private final long tagsOffset;

    /** One bit a unit; those of the tags, and the one after the last unit, are set. */
    private final UnitBits claimed;

    /**
     * One for each granule: 1 above the place in it of a unit that a waiting run starts with, 0 if there is none. A run that waits is as long as a
     * granule, so there is no second one, and each place is written by who has that run. They are small, since of many segments each
     * is in another line.
     */
    private final byte[] waiting;

    private final int granuleShift;

    // Next above previous one. Free runs are apart, so no two starts are a pair of neighbours: half as many places are
    // enough.
    private final long[] links;

    /** Units of blocks that are not free, so neither of those that wait. */
    private int usedUnits;

    /** Place among the segments of the heap. */
    private int slot;

    private volatile boolean dropped;

    MediumSegment(MediumHeap heap, MediumLayout layout, int granuleShift, int firstPage, int pageCount) {
        super(firstPage, pageCount);
        this.heap = heap;
        this.granuleShift = granuleShift;
        unitShift = layout.unitShift();
        firstUnit = layout.firstUnit(pageCount);
        unitCount = layout.unitCount(pageCount);
        startOffset = layout.extents().pageOffset(firstPage);
        tagsOffset = layout.tagsOffset(firstPage, pageCount);
        claimed = new UnitBits(unitCount + 1);
        waiting = new byte[(unitCount >>> granuleShift) + 1];
        claimed.set(0, firstUnit, true);
        claimed.set(unitCount, unitCount + 1, true);
        links = new long[(unitCount + 1) >>> 1];
    }

    MediumHeap heap() {
        return heap;
    }

    int firstUnit() {
        return firstUnit;
    }

    int unitCount() {
        return unitCount;
    }

    long tagsOffset() {
        return tagsOffset;
    }

    /** Whether a handle lies between the start and the end. */
    boolean contains(long handle) {
        return handle >= startOffset && handle - startOffset < (long) unitCount << unitShift;
    }

    /** Handle of the block that starts with a unit. */
    long handleOf(int unit) {
        return startOffset + ((long) unit << unitShift);
    }

    /** The unit that starts at a handle in the segment, or -1 if no block can start there. */
    int unitOf(long handle) {
        long distance = handle - startOffset;
        int unit = (int) (distance >>> unitShift);
        return unit >= firstUnit && (long) unit << unitShift == distance ? unit : -1;
    }

    /** State field of the block that starts at a handle in the segment: its tag. */
    long stateField(long handle) {
        int unit = unitOf(handle);
        if (unit < 0) {
            return StateField.NONE;
        }
        int position = unit & (Long.BYTES - 1);
        return StateField.of(tagsOffset + unit - position, position << TAG_SHIFT, TAG_BITS);
    }

    boolean isClaimed(int unit, int units) {
        return unit + units <= unitCount && claimed.isSet(unit, unit + units);
    }

    boolean isFree(int unit) {
        return !claimed.get(unit);
    }

    /** The unit after the free run that a unit is in, or the unit itself if it is claimed. */
    int endOfFree(int unit) {
        return claimed.nextSet(unit);
    }

    /** The first unit of the free run that ends before a unit, or the unit itself if there is none. */
    int startOfFree(int unit) {
        return claimed.previousSet(unit - 1) + 1;
    }

    void setClaimed(int unit, int units, boolean isClaimed) {
        claimed.set(unit, unit + units, isClaimed);
    }

    /** Whether a run is long enough to wait. */
    boolean mayWait(int units) {
        return units >>> granuleShift != 0;
    }

    /** Whether a claimed run that starts with a unit waits, in a {@link MediumCache} or in the heap, and so is free. */
    boolean isWaiting(int unit) {
        return waiting[unit >>> granuleShift] == markOf(unit);
    }

    /** By who has the run. */
    void setWaiting(int unit, boolean waits) {
        waiting[unit >>> granuleShift] = waits ? markOf(unit) : 0;
    }

    private byte markOf(int unit) {
        return (byte) (1 + (unit & ((1 << granuleShift) - 1)));
    }

    int usedUnits() {
        return usedUnits;
    }

    void addUsed(int units) {
        usedUnits += units;
    }

    /** Number of units in blocks and in runs that wait. */
    int claimedUnits() {
        return claimed.cardinality() - firstUnit - 1;
    }

    boolean isEmpty() {
        return endOfFree(firstUnit) == unitCount;
    }

    int next(int start) {
        return (int) (links[start >>> 1] >>> Integer.SIZE);
    }

    int previous(int start) {
        return (int) links[start >>> 1];
    }

    void setNext(int start, int run) {
        links[start >>> 1] = linksOf(run, previous(start));
    }

    void setPrevious(int start, int run) {
        links[start >>> 1] = linksOf(next(start), run);
    }

    void setLinks(int start, int nextRun, int previousRun) {
        links[start >>> 1] = linksOf(nextRun, previousRun);
    }

    private static long linksOf(int nextRun, int previousRun) {
        return (long) nextRun << Integer.SIZE | Integer.toUnsignedLong(previousRun);
    }

    int slot() {
        return slot;
    }

    void setSlot(int inHeap) {
        slot = inHeap;
    }

    boolean isDropped() {
        return dropped;
    }

    void drop() {
        dropped = true;
    }
}
