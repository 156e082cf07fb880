package pmem.spi;

/**
 * Block lengths as one byte: a small float of 5 exponent and 3 fraction bits, without sign.
 *
 * <pre>
 *  7             3 2       0        exponent 0:  length = fraction                 (1 to 7; tag 0 is no block)
 * +---------------+---------+       exponent e:  length = (8 + fraction) &lt;&lt; (e - 1)
 * |   exponent    | fraction|
 * +---------------+---------+
 * </pre>
 *
 * <table>
 * <caption>Lengths in units</caption>
 * <tr><th>tags</th><th>lengths</th><th>step</th></tr>
 * <tr><td>0</td><td>no block starts here</td><td></td></tr>
 * <tr><td>1 to 15</td><td>1 to 15</td><td>1</td></tr>
 * <tr><td>16 to 23</td><td>16 to 30</td><td>2</td></tr>
 * <tr><td>24 to 31</td><td>32 to 60</td><td>4</td></tr>
 * <tr><td>8e to 8e+7</td><td>2^(e+2) to 15 * 2^(e-1)</td><td>2^(e-1)</td></tr>
 * </table>
 *
 * <p>Each length has one tag and a greater tag is a greater length. Every power of two up to {@link #ORDER_MAX} has a
 * tag, so rounding up never crosses one; rounding up adds less than an eighth.
 */
public final class TagFloat {
    /** No block starts here. */
    public static final int NONE = 0;
    /** Largest tag. */
    public static final int TAG_MAX = 0xff;
    /** Logarithm of the largest power of two that has a tag. */
    public static final int ORDER_MAX = 33;

    private static final int FRACTION_BITS = 3;
    private static final int FRACTION_MASK = (1 << FRACTION_BITS) - 1;
    private static final int IMPLICIT_BIT = 1 << FRACTION_BITS;
    /** Below this, a length is its own tag. */
    private static final int EXACT_END = 2 * IMPLICIT_BIT;

    private TagFloat() {}

    /**
     * The tag of the smallest length that is not below the given one.
     *
     * @param units 1 to {@code lengthUnits(TAG_MAX)}
     */
    public static int tagFor(long units) {
        assert units >= 1 && units <= lengthUnits(TAG_MAX) : "units=" + units;
        if (units < EXACT_END) {
            return (int) units;
        }
        int stepShift = Long.SIZE - 1 - FRACTION_BITS - Long.numberOfLeadingZeros(units);
        long significandRoundedUp = (units + (1L << stepShift) - 1) >>> stepShift;
        // A significand that rounds up to the next power of two carries into the exponent.
        return (stepShift << FRACTION_BITS) + (int) significandRoundedUp;
    }

    /**
     * The tag of the greatest length that is not above the given one.
     *
     * @param units 1 to {@code lengthUnits(TAG_MAX)}
     */
    public static int tagWithin(long units) {
        if (units < EXACT_END) {
            return (int) units;
        }
        int stepShift = Long.SIZE - 1 - FRACTION_BITS - Long.numberOfLeadingZeros(units);
        return (stepShift << FRACTION_BITS) + (int) (units >>> stepShift);
    }

    /** The length of a tag from 0 to {@link #TAG_MAX}; 0 for {@link #NONE}. */
    public static long lengthUnits(int tag) {
        if (tag < EXACT_END) {
            return tag;
        }
        return (long) (IMPLICIT_BIT + (tag & FRACTION_MASK)) << ((tag >>> FRACTION_BITS) - 1);
    }

    /**
     * Logarithm of the smallest power of two that is not below a length of at least 1: the order of the buddy block it is in.
     */
    public static int orderOf(long units) {
        return Long.SIZE - Long.numberOfLeadingZeros(units - 1);
    }
}
