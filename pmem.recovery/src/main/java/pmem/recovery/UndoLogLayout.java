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
 * <tr><td>0</td><td>8</td><td>sequence of the operation: live if it is the header's plus 1</td><td>before the first change of
 * the operation; never cleared, since the next sequence invalidates it</td></tr>
 * <tr><td>8</td><td>8</td><td>offset of the word to be changed</td><td>same</td></tr>
 * <tr><td>16</td><td>8</td><td>mask of the bits to be changed</td><td>same</td></tr>
 * <tr><td>24</td><td>8</td><td>old value of those bits, in place</td><td>same</td></tr>
 * <tr><td>32</td><td>8</td><td>number of entries of the operation</td><td>same</td></tr>
 * <tr><td>40</td><td>8</td><td>checksum of the above, the lane and the entry's index</td><td>same</td></tr>
 * </table>
 */
final class UndoLogLayout {
    static final long SEQUENCE_OFFSET = 0;
    static final long TARGET_OFFSET = 8;
    static final long MASK_OFFSET = 16;
    static final long OLD_BITS_OFFSET = 24;
    static final long COUNT_OFFSET = 32;
    static final long CHECKSUM_OFFSET = 40;

    private static final int SEQUENCE_SHIFT = 16;
    private static final long CHECK_MASK = (1L << SEQUENCE_SHIFT) - 1;

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

    /** The sequence of a header word. */
    static long sequence(long header) {
        return header >>> SEQUENCE_SHIFT;
    }

    /** Whether a header word is one that {@link #header} made for the lane. */
    static boolean isHeader(long header, int lane) {
        return header == header(sequence(header), lane) && (header == 0 || (header & ~CHECK_MASK) != 0);
    }

    /** Checksum of an entry. */
    static long checksum(long sequence, long target, long mask, long oldBits, long count, int lane, int index) {
        long sum = Checksums.add((long) lane << Integer.SIZE | index, sequence);
        sum = Checksums.add(sum, target);
        sum = Checksums.add(sum, mask);
        sum = Checksums.add(sum, oldBits);
        return Checksums.add(sum, count);
    }
}
