package pmem.spi;

/**
 * The place of a block's allocation state: a bit field in one aligned 64-bit word, packed in a {@code long}.
 *
 * <p>The value 0 of the field says free; any other value says allocated. The only change ever made is
 * {@code w -> (w & ~mask) | bits}, by compare-and-set, since neighbours in the word belong to other blocks.
 *
 * <pre>
 *  63                                   12 11      6 5       0
 * +---------------------------------------+---------+---------+
 * |        word offset / 8                | width-1 |  shift  |
 * +---------------------------------------+---------+---------+
 * </pre>
 */
public final class StateField {
    /** No field. Word 0 belongs to the superblock. */
    public static final long NONE = 0;

    private static final int WIDTH_SHIFT = 6;
    private static final int OFFSET_SHIFT = 12;
    private static final int SIX_BITS = 0x3f;
    // Width 8, at a shift that is a multiple of 8.
    private static final int BYTE_FORM_MASK = (SIX_BITS << WIDTH_SHIFT) | (Byte.SIZE - 1);
    private static final int BYTE_FORM = (Byte.SIZE - 1) << WIDTH_SHIFT;

    private StateField() {}

    /**
     * Packs a field.
     *
     * @param wordOffset offset of the word in the region, a multiple of 8
     * @param shift lowest bit of the field, 0 to 63
     * @param widthBits 1 to {@code 64 - shift}
     */
    public static long of(long wordOffset, int shift, int widthBits) {
        assert (wordOffset & 7) == 0 && shift >= 0 && widthBits >= 1 && shift + widthBits <= Long.SIZE;
        return (wordOffset >>> 3 << OFFSET_SHIFT) | ((long) (widthBits - 1) << WIDTH_SHIFT) | shift;
    }

    /** Offset of the word in the region. */
    public static long wordOffset(long field) {
        return field >>> OFFSET_SHIFT << 3;
    }

    /** Whether the field is one whole byte, so that a byte store changes it without touching its neighbours. */
    public static boolean isByte(long field) {
        return (field & BYTE_FORM_MASK) == BYTE_FORM;
    }

    /** Offset in the region of a field that {@linkplain #isByte is a byte}. */
    public static long byteOffset(long field) {
        return wordOffset(field) + (shift(field) >>> 3);
    }

    /** Lowest bit of the field. */
    public static int shift(long field) {
        return (int) field & SIX_BITS;
    }

    /** Mask of the field in its word. */
    public static long mask(long field) {
        int unused = SIX_BITS - ((int) (field >>> WIDTH_SHIFT) & SIX_BITS);
        return -1L >>> unused << shift(field);
    }

    /** The field's value in a word. */
    public static long extract(long word, long field) {
        return (word & mask(field)) >>> shift(field);
    }

    /**
     * Sets the field to 0 and returns the value it had: of several threads that do so at once one gets it.
     *
     * @param field not {@link #NONE}
     */
    public static long clear(Region region, long field) {
        // One atomic instruction, and for a field that is 0 already it changes nothing.
        return extract(region.getAndBitwiseAnd(wordOffset(field), ~mask(field)), field);
    }

    /** The word with the field set to a value. */
    public static long insert(long word, long field, long value) {
        return (word & ~mask(field)) | (value << shift(field));
    }
}
