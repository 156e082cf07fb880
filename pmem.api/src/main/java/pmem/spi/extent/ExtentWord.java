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
    private static final int CRC_SEED = 0xffff;
    private static final int BYTE_VALUES = 1 << Byte.SIZE;
    private static final char[] CRC_OF_BYTE = crcOfByte();
    private static final int CRC_OF_ZEROS = crcOfZeros(CRC_SEED, CHECKED_BYTES + Integer.BYTES);

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

    // A CRC is linear: each byte contributes by itself, so the table look-ups do not wait for each other.
    private static long withCheck(long checked, int page) {
        int crc = CRC_OF_ZEROS;
        for (int i = 0; i < CHECKED_BYTES; i++) {
            crc ^= CRC_OF_BYTE[i * BYTE_VALUES + (int) ((checked >>> (i * Byte.SIZE)) & (BYTE_VALUES - 1))];
        }
        for (int i = 0; i < Integer.BYTES; i++) {
            crc ^= CRC_OF_BYTE[(CHECKED_BYTES + i) * BYTE_VALUES + ((page >>> (i * Byte.SIZE)) & (BYTE_VALUES - 1))];
        }
        return checked | ((long) crc << CHECK_SHIFT);
    }

    /** By place among the checked bytes, the page's last, and value of the byte: what it adds to the CRC. */
    private static char[] crcOfByte() {
        int places = CHECKED_BYTES + Integer.BYTES;
        char[] table = new char[places * BYTE_VALUES];
        for (int i = 0; i < table.length; i++) {
            int place = i / BYTE_VALUES;
            table[i] = (char) crcOfZeros((i % BYTE_VALUES) << Byte.SIZE, places - place);
        }
        return table;
    }

    /** The CRC of so many bytes that are 0, after what has led to another CRC. */
    private static int crcOfZeros(int seed, int bytes) {
        int crc = seed;
        for (int bit = 0; bit < bytes * Byte.SIZE; bit++) {
            crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ CRC_POLYNOMIAL;
        }
        return crc & 0xffff;
    }
}
