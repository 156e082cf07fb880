package pmem.policy.buddy;

import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.TagFloat;

/**
 * What holds for every head of a block on media. The policy never reserves a block that breaks a rule, and a tag is
 * one byte of one word, so no crash makes one either: whatever breaks a rule is damage.
 */
final class HeadRules {
    private final HeadTagLayout layout;
    private final long endUnit;
    /** By tag: units of the block it is cut from, which it is aligned to; 0 if no block has the tag. */
    private final long[] rooms = new long[TagFloat.TAG_MAX + 1];

    HeadRules(HeadTagLayout layout, BuddyParameters parameters) {
        this.layout = layout;
        endUnit = layout.endUnit();
        for (int tag = 1; tag <= TagFloat.TAG_MAX; tag++) {
            long lengthUnits = TagFloat.lengthUnits(tag);
            boolean inUse =
                    TagFloat.orderOf(lengthUnits) <= TagFloat.ORDER_MAX && parameters.tagFor(lengthUnits) == tag;
            rooms[tag] = inUse ? 1L << TagFloat.orderOf(lengthUnits) : 0;
        }
    }

    /**
     * Whether a head keeps all the rules.
     *
     * @param unit where it is
     * @param tag what it says, not 0
     * @param endOfBefore the unit after the blocks before it
     */
    boolean hold(long unit, int tag, long endOfBefore) {
        long room = rooms[tag];
        return unit >= endOfBefore && room != 0 && (unit & (room - 1)) == 0 && room <= endUnit - unit;
    }

    /** As {@link #hold(long, int, long)}, for the head a cursor is on. */
    boolean hold(HeadCursor head, long endOfBefore) {
        return hold(head.unit(), head.tag(), endOfBefore);
    }

    /** The finding for a head that breaks a rule. */
    Finding broken(HeadCursor head, long endOfBefore) {
        return broken(head.unit(), head.tag(), endOfBefore);
    }

    /** The finding for a head that breaks a rule. */
    Finding broken(long unit, int tag, long endOfBefore) {
        return new Finding(
                Finding.Severity.ERROR,
                "buddy.head",
                place(unit),
                layout.wordOffset(unit),
                expectation(unit, tag, endOfBefore),
                "tag=0x" + Integer.toHexString(tag) + " length_units=" + TagFloat.lengthUnits(tag));
    }

    /** Where a unit is, for messages. */
    String place(long unit) {
        return "unit 0x" + Long.toHexString(unit) + " (handle=" + Handles.format(layout.handle(unit)) + " tag_word=0x"
                + Long.toHexString(layout.wordOffset(unit)) + ")";
    }

    /** The first rule that a head breaks which breaks one. */
    private String expectation(long unit, int tag, long endOfBefore) {
        long lengthUnits = TagFloat.lengthUnits(tag);
        int order = TagFloat.orderOf(lengthUnits);
        if (unit >= endUnit) {
            return "no tag after the last unit, 0x" + Long.toHexString(endUnit - 1);
        }
        if (unit < endOfBefore) {
            return "no tag before unit 0x" + Long.toHexString(endOfBefore) + ", where the block before ends";
        }
        if (lengthUnits > endUnit - unit) {
            return "at most " + (endUnit - unit) + " units up to the end of the space";
        }
        if (order > TagFloat.ORDER_MAX || (unit & ((1L << order) - 1)) != 0) {
            return "a start aligned to the power of two at or above the length";
        }
        if (1L << order > endUnit - unit) {
            return "a block cut from one of 2^" + order + " units that ends inside the space";
        }
        return "a power of two of units, since keepTail=1";
    }
}
