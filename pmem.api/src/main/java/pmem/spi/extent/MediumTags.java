package pmem.spi.extent;

import java.util.function.Consumer;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.TagFloat;

/**
 * Reads the tags of a segment, and knows what must hold for them: blocks start behind the tags, end inside the segment, and are
 * apart. The policy never makes others, and a tag is one byte of one word, so no crash does either: whatever else is there is
 * damage.
 */
final class MediumTags {
    static final String CODE = "extent.medium-tag";
    private static final String HELD = "";

    private final MediumLayout layout;
    private final int firstPage;
    private final int pages;
    private final int firstUnit;
    private final int unitCount;
    private final long tagsOffset;

    /** Takes the blocks that keep the rules. */
    interface BlockSink {
        void block(int unit, int units);
    }

    MediumTags(MediumLayout layout, int firstPage, int pages) {
        this.layout = layout;
        this.firstPage = firstPage;
        this.pages = pages;
        firstUnit = layout.firstUnit(pages);
        unitCount = layout.unitCount(pages);
        tagsOffset = layout.tagsOffset(firstPage, pages);
    }

    /** Number of tags, those that no unit has among them. */
    int count() {
        return layout.tagBytes(pages);
    }

    long tagsOffset() {
        return tagsOffset;
    }

    /** Passes on all blocks in ascending order, and a finding for each tag that breaks a rule. */
    void scan(long[] words, BlockSink blocks, Consumer<Finding> findings) {
        int endOfBefore = firstUnit;
        for (int unit = nextTag(words, 0); unit < count(); unit = nextTag(words, unit + 1)) {
            int tag = MediumLayout.tagAt(words, unit);
            if (!expectation(unit, tag, endOfBefore).equals(HELD)) {
                findings.accept(broken(unit, tag, endOfBefore));
                continue;
            }
            int units = (int) TagFloat.lengthUnits(tag);
            blocks.block(unit, units);
            endOfBefore = unit + units;
        }
    }

    /** The first unit from one on whose tag is not 0, or {@link #count} if there is none. */
    int nextTag(long[] words, int from) {
        for (int unit = from; unit < count(); ) {
            long word = words[unit / Long.BYTES] & (-1L << (unit % Long.BYTES * Byte.SIZE));
            if (word != 0) {
                return (unit & -Long.BYTES) + Long.numberOfTrailingZeros(word) / Byte.SIZE;
            }
            unit = (unit & -Long.BYTES) + Long.BYTES;
        }
        return count();
    }

    /** Whether a block can start with a unit whatever the others are. */
    boolean isPossible(int unit, int tag) {
        return expectation(unit, tag, firstUnit).equals(HELD);
    }

    Finding broken(int unit, int tag, int endOfBefore) {
        return finding(
                unit,
                expectation(unit, tag, endOfBefore),
                "tag=0x" + Integer.toHexString(tag) + " lengthUnits=" + TagFloat.lengthUnits(tag));
    }

    Finding finding(int unit, String expected, String found) {
        return new Finding(Finding.Severity.ERROR, CODE, place(unit), wordOffset(unit), expected, found);
    }

    /** Offset of the word that has the tag of a unit. */
    long wordOffset(int unit) {
        return tagsOffset + (unit & -Long.BYTES);
    }

    String place(int unit) {
        long handle = layout.extents().pageOffset(firstPage) + ((long) unit << layout.unitShift());
        return "medium segment " + layout.extents().describe(firstPage) + " unit=" + unit + " handle="
                + Handles.format(handle);
    }

    private String expectation(int unit, int tag, int endOfBefore) {
        if (unit < firstUnit) {
            return "no tag before unit " + firstUnit + ", since the tags are there";
        }
        if (unit >= unitCount) {
            return "no tag after the last unit, " + (unitCount - 1);
        }
        if (unit < endOfBefore) {
            return "no tag before unit " + endOfBefore + ", where the block before ends";
        }
        if (TagFloat.lengthUnits(tag) > unitCount - unit) {
            return "at most " + (unitCount - unit) + " units up to the end of the segment";
        }
        return HELD;
    }
}
