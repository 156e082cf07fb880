package pmem.policy.buddy;

import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.TagFloat;

/**
 * What holds for every head of a block on media. The policy never reserves a block that breaks a rule, and a tag is
 * one byte of one word, so no crash makes one either: whatever breaks a rule is damage.
 */
final class HeadRules {
    private static final String HELD = "";

    private final HeadTagLayout layout;
    private final BuddyParameters parameters;

    HeadRules(HeadTagLayout layout, BuddyParameters parameters) {
        this.layout = layout;
        this.parameters = parameters;
    }

    /**
     * Whether a head keeps all the rules.
     *
     * @param head a cursor on the head
     * @param endOfBefore the unit after the blocks before it
     */
    boolean hold(HeadCursor head, long endOfBefore) {
        return expectation(head, endOfBefore).equals(HELD);
    }

    /** The finding for a head that breaks a rule. */
    Finding broken(HeadCursor head, long endOfBefore) {
        return new Finding(
                Finding.Severity.ERROR,
                "buddy.head",
                place(head.unit()),
                layout.wordOffset(head.unit()),
                expectation(head, endOfBefore),
                "tag=0x" + Integer.toHexString(head.tag()) + " length_units=" + head.lengthUnits());
    }

    /** Where a unit is, for messages. */
    String place(long unit) {
        return "unit 0x" + Long.toHexString(unit) + " (handle=" + Handles.format(layout.handle(unit)) + " tag_word=0x"
                + Long.toHexString(layout.wordOffset(unit)) + ")";
    }

    private String expectation(HeadCursor head, long endOfBefore) {
        long unit = head.unit();
        long lengthUnits = head.lengthUnits();
        int order = TagFloat.orderOf(lengthUnits);
        if (unit >= layout.endUnit()) {
            return "no tag after the last unit, 0x" + Long.toHexString(layout.endUnit() - 1);
        }
        if (unit < endOfBefore) {
            return "no tag before unit 0x" + Long.toHexString(endOfBefore) + ", where the block before ends";
        }
        if (lengthUnits > layout.endUnit() - unit) {
            return "at most " + (layout.endUnit() - unit) + " units up to the end of the space";
        }
        if (order > TagFloat.ORDER_MAX || (unit & ((1L << order) - 1)) != 0) {
            return "a start aligned to the power of two at or above the length";
        }
        if (1L << order > layout.endUnit() - unit) {
            return "a block cut from one of 2^" + order + " units that ends inside the space";
        }
        if (parameters.tagFor(lengthUnits) != head.tag()) {
            return "a power of two of units, since keepTail=1";
        }
        return HELD;
    }
}
