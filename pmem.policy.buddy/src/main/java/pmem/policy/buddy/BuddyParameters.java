package pmem.policy.buddy;

import java.util.List;
import pmem.spi.PolicyParameter;
import pmem.spi.PolicyParameters;
import pmem.spi.TagFloat;

/**
 * What a user may choose about a buddy pool when it is created.
 *
 * @param unitBytes smallest block and step of all blocks, a power of two: 64, the default, for objects, 4096 for a page allocator, whose tags
 *     and words lie so densely that most of them stay in the nearest caches. Each unit costs one byte of metadata
 * @param keepTail whether a block keeps the whole power of two it was cut from; if not, it is as long as the next
 *     length {@link TagFloat} knows and the rest is given back, which wastes less and fragments more
 */
record BuddyParameters(long unitBytes, boolean keepTail) {
    private static final String UNIT_BYTES = "unitBytes";
    private static final String KEEP_TAIL = "keepTail";
    private static final long UNIT_BYTES_MIN = 16;
    private static final long UNIT_BYTES_MAX = 1 << 20;
    private static final long UNIT_BYTES_DEFAULT = 64;

    /** The parameters in the order pools record them. */
    static final List<PolicyParameter> DECLARED = List.of(
            new PolicyParameter(
                    UNIT_BYTES,
                    UNIT_BYTES_DEFAULT,
                    UNIT_BYTES_MIN,
                    UNIT_BYTES_MAX,
                    true,
                    "Smallest block and step of all blocks: 64 for objects, 4096 for a page allocator; each unit costs"
                            + " one byte of metadata."),
            new PolicyParameter(
                    KEEP_TAIL,
                    0,
                    0,
                    1,
                    false,
                    "1: a block keeps the whole power of two it was cut from; 0: it gives back what it does not"
                            + " need."));

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException unless {@code unitBytes} is a power of two from 16 to 1 MiB
     */
    BuddyParameters {
        DECLARED.getFirst().check(BuddyPolicyProvider.ID, unitBytes);
    }

    /**
     * The typed form of checked values.
     *
     * @throws IllegalArgumentException if one of them is out of its range
     */
    static BuddyParameters from(PolicyParameters values) {
        return new BuddyParameters(values.get(UNIT_BYTES), values.get(KEEP_TAIL) != 0);
    }

    /** Logarithm of {@link #unitBytes}. */
    int unitShift() {
        return Long.numberOfTrailingZeros(unitBytes);
    }

    /**
     * The tag of a block that holds this many units.
     *
     * @param units 1 to a number no larger than the largest power of two that has a tag
     */
    int tagFor(long units) {
        return TagFloat.tagFor(keepTail ? 1L << TagFloat.orderOf(units) : units);
    }
}
