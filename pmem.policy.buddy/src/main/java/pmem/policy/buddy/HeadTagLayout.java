package pmem.policy.buddy;

import pmem.spi.PolicySpace;
import pmem.spi.Region;
import pmem.spi.StateField;
import pmem.spi.TagFloat;

/**
 * Where the head tags and the units of a buddy space are: the only class that knows offsets on media.
 *
 * <pre>
 * startOffset       +mapBytes     unitsOffset                                          endOffset
 * |  head-tag map   |  padding    |  unit  |  unit  |  unit  | ...            |  rest  |
 * |  a byte a unit  |  &lt; a unit   |  unitCount units, each of unitBytes       |
 *
 * one word of the map (little-endian), the tags of eight neighbouring units:
 *  63      56 55      48 47      40 39      32 31      24 23      16 15       8 7        0
 * +----------+----------+----------+----------+----------+----------+----------+----------+
 * | tag 8i+7 | tag 8i+6 | tag 8i+5 | tag 8i+4 | tag 8i+3 | tag 8i+2 | tag 8i+1 |  tag 8i  |
 * +----------+----------+----------+----------+----------+----------+----------+----------+
 * </pre>
 *
 * <table>
 * <caption>Fields; offsets count from {@code startOffset}</caption>
 * <tr><th>offset</th><th>size</th><th>field</th><th>written when</th><th>order</th></tr>
 * <tr><td>{@code i}</td><td>1</td><td>tag of unit {@code i}: length of the block that starts there ({@link TagFloat}),
 *     else 0</td><td>publish, resize and free of that block, by the pool; format</td><td>none: one field in one word is the
 *     whole state of a block</td></tr>
 * <tr><td>{@code unitCount}</td><td>to {@code mapBytes}</td><td>unused tags, 0</td><td>format</td><td>none</td></tr>
 * <tr><td>{@code mapBytes}</td><td>to the first unit</td><td>padding, never read</td><td>never</td><td>none</td></tr>
 * </table>
 *
 * <p>{@code mapBytes} is {@code unitCount} rounded up to whole lines, {@code unitsOffset} the first multiple of
 * {@code unitBytes} from the end of the map on, and {@code unitCount} the largest number for which all of that ends at
 * {@code endOffset} or before; the rest has no room for one more unit and its tag. Units are numbered by their offset
 * in the <em>region</em> divided by {@code unitBytes}, so a block aligned in unit numbers is aligned in the region,
 * whatever the space starts at.
 */
final class HeadTagLayout {
    /** Most units a space may have: what the volatile bitmaps can index. */
    static final long UNIT_COUNT_MAX = 1L << 36;
    /** No tag. */
    static final long NO_TAG = -1;
    /** Tags in a word of the map. */
    static final int TAGS_PER_WORD = Long.BYTES;

    private static final long SPACE_GRANULE_BYTES = 4096;
    private static final int TAG_BITS = 8;
    private static final int TAG_BITS_SHIFT = 3;
    private static final long TAG_MASK = 0xff;
    private static final int TAG_IN_WORD_MASK = TAGS_PER_WORD - 1;

    private final long mapOffset;
    private final long mapBytes;
    private final int unitShift;
    private final long unitCount;
    private final long firstUnit;
    private final long spaceBytes;

    /**
     * Lays out a space.
     *
     * @throws IllegalArgumentException if the space holds no unit, or more than {@link #UNIT_COUNT_MAX}
     */
    HeadTagLayout(PolicySpace space, BuddyParameters parameters) {
        long unitBytes = parameters.unitBytes();
        mapOffset = space.startOffset();
        spaceBytes = space.bytes();
        unitShift = parameters.unitShift();
        unitCount = unitCount(space.startOffset(), space.endOffset(), unitBytes);
        if (unitCount < 1 || unitCount > UNIT_COUNT_MAX) {
            throw new IllegalArgumentException("space does not fit the buddy policy: expected 1 to " + UNIT_COUNT_MAX
                    + " units, found=" + unitCount + ", space_bytes=" + spaceBytes + " unitBytes=" + unitBytes
                    + (unitCount < 1 ? "; enlarge the pool or choose smaller units" : "; choose larger units"));
        }
        mapBytes = roundUp(unitCount, Region.LINE_BYTES);
        firstUnit = unitsOffset(mapOffset, unitCount, unitBytes) >>> unitShift;
    }

    private HeadTagLayout(HeadTagLayout whole, long usableEndOffset) {
        mapOffset = whole.mapOffset;
        spaceBytes = usableEndOffset - whole.mapOffset;
        unitShift = whole.unitShift;
        firstUnit = whole.firstUnit;
        unitCount = Math.clamp((usableEndOffset >>> unitShift) - firstUnit, 0, whole.unitCount);
        mapBytes = roundUp(unitCount, Region.LINE_BYTES);
    }

    /** This layout with the units only that end before an offset; everything lies where it does here. */
    HeadTagLayout upTo(long usableEndOffset) {
        return usableEndOffset >= mapOffset + spaceBytes ? this : new HeadTagLayout(this, usableEndOffset);
    }

    /** Of a space that is laid out from one offset to another and grows, how far it must be there for a unit. */
    static long leastUsableEnd(long startOffset, long endOffset, BuddyParameters parameters) {
        long unitBytes = parameters.unitBytes();
        long unitsOffset = unitsOffset(startOffset, unitCount(startOffset, endOffset, unitBytes), unitBytes);
        return roundUp(unitsOffset + unitBytes, SPACE_GRANULE_BYTES);
    }

    /**
     * A size that holds at least one unit wherever the space starts (at a multiple of 4096): with the start on a unit's
     * boundary, the map takes a whole unit, or a line if that is more.
     */
    static long minimumBytes(BuddyParameters parameters) {
        return Math.max(parameters.unitBytes(), Region.LINE_BYTES) + parameters.unitBytes();
    }

    // The end of the last unit never moves down when a unit is added, so the largest count that fits is found by
    // bisection.
    private static long unitCount(long startOffset, long endOffset, long unitBytes) {
        long fits = 0;
        long tooMany = (endOffset - startOffset) / unitBytes + 1;
        while (tooMany - fits > 1) {
            long count = (fits + tooMany) >>> 1;
            if (unitsOffset(startOffset, count, unitBytes) + count * unitBytes <= endOffset) {
                fits = count;
            } else {
                tooMany = count;
            }
        }
        return fits;
    }

    private static long unitsOffset(long startOffset, long unitCount, long unitBytes) {
        return roundUp(startOffset + roundUp(unitCount, Region.LINE_BYTES), unitBytes);
    }

    private static long roundUp(long value, long powerOfTwo) {
        return (value + powerOfTwo - 1) & -powerOfTwo;
    }

    /** Offset of the map, a multiple of the line. */
    long mapOffset() {
        return mapOffset;
    }

    /** Size of the map, a multiple of the line. */
    long mapBytes() {
        return mapBytes;
    }

    /** Number of units. */
    long unitCount() {
        return unitCount;
    }

    /** Number of the first unit. */
    long firstUnit() {
        return firstUnit;
    }

    /** Number of the unit after the last. */
    long endUnit() {
        return firstUnit + unitCount;
    }

    /** First byte after the map. */
    long mapEndOffset() {
        return mapOffset + mapBytes;
    }

    /** Number of the unit whose tag is at an offset; behind the last unit, the number it would have. */
    long unitOfTag(long offset) {
        return firstUnit + offset - mapOffset;
    }

    /** Size of a number of units. */
    long bytes(long units) {
        return units << unitShift;
    }

    /** Units that hold a number of bytes, at least 1. */
    long unitsFor(long bytes) {
        return ((bytes - 1) >>> unitShift) + 1;
    }

    /** Order of the smallest block that is aligned to a power of two of bytes wherever it lies. */
    int orderOfAlignment(long alignmentBytes) {
        return Math.max(0, Long.numberOfTrailingZeros(alignmentBytes) - unitShift);
    }

    /** Bytes of the space that belong to no unit: map, padding and rest. */
    long metadataBytes() {
        return spaceBytes - bytes(unitCount);
    }

    /** Offset in the region of a unit. */
    long handle(long unit) {
        return unit << unitShift;
    }

    /** Number of the unit that starts at a handle this policy gave out. */
    long unit(long handle) {
        return handle >>> unitShift;
    }

    /** Number of the first unit of which something lies at an offset or after it. */
    long firstUnitFrom(long offset) {
        return Math.clamp(offset >>> unitShift, firstUnit, endUnit());
    }

    /** Number of the unit after the last one of which something lies before an offset. */
    long endUnitTo(long offset) {
        return Math.clamp((offset + bytes(1) - 1) >>> unitShift, firstUnit, endUnit());
    }

    /**
     * The state field of the block that starts at a handle: its tag; {@link StateField#NONE} if no unit starts there.
     */
    long stateField(long handle) {
        long tagOffset = tagOffset(handle);
        if (tagOffset == NO_TAG) {
            return StateField.NONE;
        }
        int position = (int) tagOffset & TAG_IN_WORD_MASK;
        return StateField.of(tagOffset - position, position << TAG_BITS_SHIFT, TAG_BITS);
    }

    /** Offset of the tag of the unit that starts at a handle; {@link #NO_TAG} if none does. */
    long tagOffset(long handle) {
        long tagIndex = (handle >>> unitShift) - firstUnit;
        boolean starts = tagIndex >= 0 && tagIndex < unitCount && (handle & (bytes(1) - 1)) == 0;
        return starts ? mapOffset + tagIndex : NO_TAG;
    }

    /** Offset of the word that holds a unit's tag. */
    long wordOffset(long unit) {
        return mapOffset + ((unit - firstUnit) & -TAGS_PER_WORD);
    }

    /** The word without the tags of units before this one. */
    long fromUnit(long word, long unit) {
        return word & (-1L << (((int) (unit - firstUnit) & TAG_IN_WORD_MASK) << TAG_BITS_SHIFT));
    }

    /** Number of the first unit whose tag is in the same word as this one's. */
    long firstUnitOfWord(long unit) {
        return firstUnit + ((unit - firstUnit) & -TAGS_PER_WORD);
    }

    /** Position in a word, 0 to 7, of its first tag that is not 0; the word is not 0. */
    static int firstTagPosition(long word) {
        return Long.numberOfTrailingZeros(word) >>> TAG_BITS_SHIFT;
    }

    /**
     * Sees to storage for a block and its tag.
     *
     * @return whether there is some
     */
    boolean ensureBacked(Region region, long unit, long lengthUnits) {
        return region.ensureBacked(wordOffset(unit), Long.BYTES)
                && region.ensureBacked(handle(unit), bytes(lengthUnits));
    }

    /** The word without its tags up to a position. */
    static long afterPosition(long word, int position) {
        // In two steps, since a shift by all bits of the word is none.
        return word & (-1L << (position << TAG_BITS_SHIFT) << TAG_BITS);
    }

    /** The tag at a position of a word. */
    static int tagAt(long word, int position) {
        return (int) (word >>> (position << TAG_BITS_SHIFT) & TAG_MASK);
    }
}
