package pmem.policy.bitmap;

import pmem.spi.Region;
import pmem.spi.extent.ExtentTableLayout;
import pmem.spi.extent.SlabExtent;

/**
 * Where the state bits and the blocks of an arena are.
 *
 * <table>
 * <caption>Arena</caption>
 * <tr><th>offset</th><th>size</th><th>field</th><th>written when, and in which order</th></tr>
 * <tr><td>0</td><td>headerLines x 64</td><td>state bits, only if the blocks are smaller than denseFromBytes</td><td>all 0 when the arena is made, durable before its table word; a bit when a block is allocated or freed, after the table word is durable</td></tr>
 * <tr><td>firstBlockOffset</td><td>blockBytes each</td><td>blocks</td><td>by the owner of a block</td></tr>
 * </table>
 *
 * <p>Bit {@code i} is the state of block {@code i}, counted from the start of the header; where there is none, from the first
 * page bit of the arena's first page. Where states are spread, eight stand in a word and so at most 64 in a line: that of block
 * {@code i} is bit {@code i % 8} of word {@code i / 8}. All other bits of a header, and the page bits of an arena with a header, are
 * 0. The first block is aligned as far as the block size is, up to the page size, so that all blocks are.
 *
 * @param extents where the arenas are
 * @param denseFromBytes size from which on blocks have their state in the page bits, a power of two up to the page size
 * @param spread whether words have 8 states, not 64; then pages have at least a word of page bits, and at most 8 blocks a word
 */
record ArenaLayout(ExtentTableLayout extents, int denseFromBytes, boolean spread) {
    private static final int WORDS_PER_LINE = Region.LINE_BYTES / Long.BYTES;
    /** States of a word where they are spread. */
    static final int SPREAD_STATES = 8;

    /** Number of blocks in an arena, 0 if not even one fits. */
    int blockCount(long arenaBytes, int blockBytes) {
        long blocks = (arenaBytes - firstBlockOffset(arenaBytes, blockBytes)) / blockBytes;
        return Math.clamp(blocks, 0, Integer.MAX_VALUE);
    }

    /** Whether blocks of a size have their state bits in a header of their arena. */
    boolean hasHeader(int blockBytes) {
        return blockBytes < denseFromBytes;
    }

    /** Offset of the first block in its arena. */
    long firstBlockOffset(long arenaBytes, int blockBytes) {
        if (!hasHeader(blockBytes)) {
            return 0;
        }
        // As many lines as the arena would need if it had no header: never too few.
        long bytes = headerBytes(Math.max(1, arenaBytes / blockBytes));
        long alignment = Integer.lowestOneBit(blockBytes);
        return (bytes + alignment - 1) & -alignment;
    }

    /** Length of a header in bytes, whole lines. */
    long headerBytes(long blockCount) {
        int blocksPerLine = WORDS_PER_LINE * statesPerWord();
        return (blockCount + blocksPerLine - 1) / blocksPerLine * Region.LINE_BYTES;
    }

    private int statesPerWord() {
        return spread ? SPREAD_STATES : Long.SIZE;
    }

    /** The bits that are states, of a word counted from the one that has the state of block 0. */
    long statesOf(int word, int blockCount) {
        long blocks = Math.min(statesPerWord(), blockCount - (long) word * statesPerWord());
        return blocks <= 0 ? 0 : -1L >>> (Long.SIZE - blocks);
    }

    /** Whether a bit is a state, counted from the state of block 0. */
    boolean isState(long bit, int blockCount) {
        boolean inWord = (bit & (Long.SIZE - 1)) < statesPerWord();
        return inWord && bit / Long.SIZE * statesPerWord() + (bit & (Long.SIZE - 1)) < blockCount;
    }

    /** Offset of block 0 in the region. */
    long firstBlock(SlabExtent.Place place, int blockBytes) {
        long arenaBytes = (long) place.pageCount() << extents.pageShift();
        return extents.pageOffset(place.firstPage()) + firstBlockOffset(arenaBytes, blockBytes);
    }

    /** State bit of block 0, counted in bits from the start of the region. */
    long firstStateBit(SlabExtent.Place place, int blockBytes) {
        return hasHeader(blockBytes)
                ? extents.pageOffset(place.firstPage()) * Byte.SIZE
                : extents.firstStateBit(place.firstPage());
    }
}
