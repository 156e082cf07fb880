package pmem.spi.extent;

/**
 * The table word of an extent: what it is, how long, and a check over both and its place.
 *
 * <pre>
 *  63        48 47                        10 9        2 1  0
 * +------------+----------------------------+----------+----+
 * |   check    |      length in pages       |  class   |kind|
 * +------------+----------------------------+----------+----+
 * </pre>
 *
 * <p>Kind 1 is a large block (class 0), kind 2 a slab of blocks of one size class, kind 3 a segment of medium blocks (class 0); the
 * word 0 says free. The check is a
 * CRC-16 of the lower 48 bits and the number of the page, so damaged words and words at a wrong place are recognised.
 *
 * <p>A large block's word is its state field: the pool writes it, after the content and with one fence, another one if the block gets
 * another length where it is, and 0 at the free. A
 * slab's or segment's word is written by its policy and is durable before a block of it is handed out. It becomes 0 again, durably,
 * before one of the pages is reused. Recovery so finds either no word, and then no block there, or the whole extent.
 */
public final class ExtentWord {
    private static final int KIND_LARGE = 1;
    private static final int KIND_SLAB = 2;
    private static final int KIND_MEDIUM = 3;

    private static final int KIND_MASK = 3;
    private static final int CLASS_SHIFT = 2;
    private static final int CLASS_MASK = 0xff;
    private static final int PAGES_SHIFT = 10;
    private static final int CHECK_SHIFT = 48;
    private static final long PAGES_MASK = (1L << (CHECK_SHIFT - PAGES_SHIFT)) - 1;
    private static final long CHECKED_MASK = (1L << CHECK_SHIFT) - 1;
    private static final int CHECKED_BYTES = CHECK_SHIFT / Byte.SIZE;

    private static final int CRC_POLYNOMIAL = 0x1021;
    private static final int[] CRC_TABLE = crcTable();

    private ExtentWord() {}

    /** The word of a large block. */
    public static long large(int page, int pages) {
        return withCheck(((long) pages << PAGES_SHIFT) | KIND_LARGE, page);
    }

    /** The word of a slab; the class index is at most 255. */
    public static long slab(int page, int pages, int classIndex) {
        return withCheck(((long) pages << PAGES_SHIFT) | ((long) classIndex << CLASS_SHIFT) | KIND_SLAB, page);
    }

    /** The word of a segment of medium blocks. */
    public static long medium(int page, int pages) {
        return withCheck(((long) pages << PAGES_SHIFT) | KIND_MEDIUM, page);
    }

    /** Whether {@link #large}, {@link #slab} or {@link #medium} could have made this word for this page. */
    public static boolean isValid(long word, int page) {
        int kind = (int) word & KIND_MASK;
        boolean known = kind == KIND_SLAB || (kind != 0 && classIndex(word) == 0);
        return known
                && lengthField(word) >= 1
                && lengthField(word) <= ExtentTableLayout.PAGES_MAX
                && word == withCheck(word & CHECKED_MASK, page);
    }

    /** Whether a valid word is that of a large block. */
    public static boolean isLarge(long word) {
        return (word & KIND_MASK) == KIND_LARGE;
    }

    /** Whether a valid word is that of a slab. */
    public static boolean isSlab(long word) {
        return (word & KIND_MASK) == KIND_SLAB;
    }

    /** Whether a valid word is that of a segment of medium blocks. */
    public static boolean isMedium(long word) {
        return (word & KIND_MASK) == KIND_MEDIUM;
    }

    /** Size class of a valid slab word. */
    public static int classIndex(long word) {
        return (int) (word >>> CLASS_SHIFT) & CLASS_MASK;
    }

    /** Length in pages of a valid word. */
    public static int pages(long word) {
        return (int) lengthField(word);
    }

    private static long lengthField(long word) {
        return word >>> PAGES_SHIFT & PAGES_MASK;
    }

    private static long withCheck(long checked, int page) {
        int crc = crc(0xffff, checked, CHECKED_BYTES);
        return checked | ((long) crc(crc, page, Integer.BYTES) << CHECK_SHIFT);
    }

    private static int crc(int seed, long value, int bytes) {
        int crc = seed;
        for (int i = 0; i < bytes; i++) {
            int next = (int) (value >>> (i * Byte.SIZE)) & 0xff;
            crc = ((crc << Byte.SIZE) & 0xffff) ^ CRC_TABLE[(crc >>> Byte.SIZE) ^ next];
        }
        return crc;
    }

    private static int[] crcTable() {
        int[] table = new int[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i << Byte.SIZE;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ CRC_POLYNOMIAL;
            }
            table[i] = crc & 0xffff;
        }
        return table;
    }
}
