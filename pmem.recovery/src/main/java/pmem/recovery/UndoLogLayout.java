package pmem.recovery;

import pmem.spi.Region;

/**
 * The persistent undo log on media: lanes, each a header line and a fixed number of entry lines.
 *
 * <pre>
 * lane  = | header | entry 0 | entry 1 | ... |        each box one 64-byte line
 * </pre>
 *
 * <table>
 * <caption>Header line</caption>
 * <tr><th>offset</th><th>bytes</th><th>field</th><th>written when, and in which order</th></tr>
 * <tr><td>0</td><td>8</td><td>sequence of the last retired operation (bits 16 to 63) and its check (bits 0 to 15); all zero in
 * a new lane</td><td>when an operation is retired, after its changes are on media</td></tr>
 * </table>
 *
 * <table>
 * <caption>Entry line</caption>
 * <tr><th>offset</th><th>bytes</th><th>field</th><th>written when, and in which order</th></tr>
 * <tr><td>0</td><td>8</td><td>sequence of the operation (bits 16 to 63): live if it is the header's plus 1; number of entries
 * that follow in the same group (bits 0 to 15)</td><td>before the first change the group covers; never cleared, since
 * the next sequence invalidates it</td></tr>
 * <tr><td>8</td><td>8</td><td>kind (bits 60 to 63), number of words (bits 56 to 59), offset of the first word the entry is about
 * (bits 0 to 55)</td><td>same</td></tr>
 * <tr><td>16</td><td>40</td><td>five words, by kind; those not named are 0</td><td>same</td></tr>
 * <tr><td>56</td><td>8</td><td>checksum of the above, the lane and the entry's index</td><td>same</td></tr>
 * </table>
 *
 * <table>
 * <caption>Kinds</caption>
 * <tr><th>kind</th><th>offset</th><th>the five words</th></tr>
 * <tr><td>1, undo</td><td>word to be changed</td><td>mask of the bits to be changed, their old value in place</td></tr>
 * <tr><td>2, snapshot</td><td>first of 1 to 5 words</td><td>old value of each</td></tr>
 * <tr><td>3, intent</td><td>slot to be changed</td><td>new value of the slot; state field and value of the block to be
 * published, 0 if there is none; state field and old value of the block to be freed, 0 if there is none</td></tr>
 * </table>
 */
final class UndoLogLayout {
    static final int KIND_UNDO = 1;
    static final int KIND_SNAPSHOT = 2;
    static final int KIND_INTENT = 3;
    /** Words an entry holds. */
    static final int ENTRY_WORDS = 5;

    static final long SEQUENCE_OFFSET = 0;
    static final long TARGET_OFFSET = 8;
    static final long WORDS_OFFSET = 16;
    static final long CHECKSUM_OFFSET = 56;

    private static final int SEQUENCE_SHIFT = 16;
    private static final long CHECK_MASK = (1L << SEQUENCE_SHIFT) - 1;
    private static final int KIND_SHIFT = 60;
    private static final int COUNT_SHIFT = 56;
    private static final long COUNT_MASK = 0xf;
    private static final long OFFSET_MASK = (1L << COUNT_SHIFT) - 1;

    private UndoLogLayout() {}

    /** Size of a lane with this many entries. */
    static long laneBytes(int entries) {
        return (1L + entries) * Region.LINE_BYTES;
    }

    /** First byte of an entry. */
    static long entryOffset(long laneOffset, int index) {
        return laneOffset + (1L + index) * Region.LINE_BYTES;
    }

    /** The header word of a sequence: torn or flipped bits show in the check. */
    static long header(long sequence, int lane) {
        return sequence == 0 ? 0 : sequence << SEQUENCE_SHIFT | Checksums.short16(sequence, lane);
    }

    /** The sequence of a header word, or of an entry's first word. */
    static long sequence(long word) {
        return word >>> SEQUENCE_SHIFT;
    }

    /** Whether a header word is one that {@link #header} made for the lane. */
    static boolean isHeader(long header, int lane) {
        return header == header(sequence(header), lane) && (header == 0 || (header & ~CHECK_MASK) != 0);
    }

    /** An entry's first word. */
    static long entryHead(long sequence, int remaining) {
        return sequence << SEQUENCE_SHIFT | remaining;
    }

    /** How many entries of the same group follow the one with this first word. */
    static int remaining(long entryHead) {
        return (int) (entryHead & CHECK_MASK);
    }

    /** An entry's second word. */
    static long target(int kind, int words, long offset) {
        return (long) kind << KIND_SHIFT | (long) words << COUNT_SHIFT | offset;
    }

    /** The kind in an entry's second word. */
    static int kind(long target) {
        return (int) (target >>> KIND_SHIFT);
    }

    /** The number of words in an entry's second word. */
    static int wordCount(long target) {
        return (int) (target >>> COUNT_SHIFT & COUNT_MASK);
    }

    /** The offset in an entry's second word. */
    static long targetOffset(long target) {
        return target & OFFSET_MASK;
    }

    /** Checksum of the first seven words of the entry at an offset. */
    static long checksum(Region region, long entryOffset, int lane, int index) {
        long sum = (long) lane << Integer.SIZE | index;
        for (long offset = SEQUENCE_OFFSET; offset < CHECKSUM_OFFSET; offset += Long.BYTES) {
            sum = Checksums.add(sum, region.loadPlain(entryOffset + offset));
        }
        return sum;
    }
}
