package pmem.policy.segregated;

import pmem.spi.Region;
import pmem.spi.extent.LineColours;

/**
 * Where the header and the blocks of a slab are.
 *
 * <table>
 * <caption>Slab</caption>
 * <tr><th>offset</th><th>size</th><th>field</th><th>written when, and in which order</th></tr>
 * <tr><td>colour x 64</td><td>headerLines x 64</td><td>state bits</td><td>all 0 when the slab is made, durable before its table word; a bit when a block is allocated or freed, after the table word is durable</td></tr>
 * <tr><td>firstBlockOffset</td><td>blockBytes each</td><td>blocks</td><td>by the owner of a block</td></tr>
 * </table>
 *
 * <p>Bit {@code i} of the header is the state of block {@code i}; the bits after the last block are 0. In a volatile region,
 * which nobody ever opens again, it is byte {@code i} instead. The colour is that of
 * {@link LineColours}. A
 * slab shorter than 16 KiB has no room to give for that and one colour. The first block is aligned as far as the block size
 * is, up to {@link #ALIGNMENT_MAX}, so that all blocks are.
 *
 * @param pageBytes page size, to which slabs are aligned
 * @param colours number of colours, a power of two
 * @param statesAreBytes whether a state is a byte rather than a bit
 */
record SlabHeaderLayout(long pageBytes, int colours, boolean statesAreBytes) {
    /** Blocks whose size is a multiple of a power of two up to this are aligned to it. */
    static final int ALIGNMENT_MAX = 512;

    private static final int COLOURED_BYTES_MIN = 16_384;

    /** Largest alignment that a block can have by the size of its class. */
    long alignmentMax() {
        return Math.min(ALIGNMENT_MAX, pageBytes);
    }

    /** Number of blocks in a slab, 0 if not even one fits. */
    int blockCount(long slabBytes, int blockBytes) {
        return (int) Math.max(0, (slabBytes - firstBlockOffset(slabBytes, blockBytes)) / blockBytes);
    }

    /** Offset of the first block in its slab. */
    long firstBlockOffset(long slabBytes, int blockBytes) {
        // As many lines as the slab would need if it had no header: never too few.
        long lines = (long) headerLines((int) Math.max(1, slabBytes / blockBytes)) + coloursOf(slabBytes) - 1;
        long alignment = Math.min(alignmentMax(), Integer.lowestOneBit(blockBytes));
        return (lines * Region.LINE_BYTES + alignment - 1) & -alignment;
    }

    /** Offset of the header in its slab. */
    long headerOffset(int firstPage, long slabBytes) {
        return (long) LineColours.of(firstPage, coloursOf(slabBytes)) * Region.LINE_BYTES;
    }

    /** Length of the header in bytes, whole lines. */
    long headerBytes(int blockCount) {
        return (long) headerLines(blockCount) * Region.LINE_BYTES;
    }

    private int headerLines(int blockCount) {
        int blocksPerLine = statesAreBytes ? Region.LINE_BYTES : Region.LINE_BYTES * Byte.SIZE;
        return (blockCount + blocksPerLine - 1) / blocksPerLine;
    }

    private int coloursOf(long slabBytes) {
        return slabBytes < COLOURED_BYTES_MIN ? 1 : colours;
    }
}
