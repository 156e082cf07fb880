package pmem.spi.extent;

/**
 * Spreads headers over cache lines: headers at equal distances that are powers of two would share few cache sets. The colour of
 * an extent is derived from the number of its first page.
 */
public final class LineColours {
    /** Multiplying by 2^64 divided by the golden ratio spreads equally distant numbers over the highest bits. */
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    private static final int SPREAD_BITS = 5;

    private LineColours() {}

    /**
     * The colour of an extent.
     *
     * @param colours a power of two up to 32
     * @return 0 to {@code colours - 1}
     */
    public static int of(int firstPage, int colours) {
        return (int) ((firstPage * SPREAD) >>> (Long.SIZE - SPREAD_BITS)) & (colours - 1);
    }
}
