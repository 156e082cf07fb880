package pmem.spi;

/**
 * The part of a region that a policy lays out: its metadata and all blocks.
 *
 * @param region the region; offsets below count from its start
 * @param startOffset first byte, a multiple of 4096
 * @param endOffset first byte after the space, a multiple of 4096: where everything lies follows from start and end
 * @param usableEndOffset first byte that is not there yet, a multiple of 4096: no block may reach beyond it, and what lies there
 *     must not be touched. Metadata has to lie before it
 * @param blank whether the space was all zeros when this process formatted it, and nobody has allocated since
 */
public record PolicySpace(Region region, long startOffset, long endOffset, long usableEndOffset, boolean blank) {
    /** A space that is all there. */
    public PolicySpace(Region region, long startOffset, long endOffset, boolean blank) {
        this(region, startOffset, endOffset, endOffset, blank);
    }

    /** A space that is all there and may have been used before. */
    public PolicySpace(Region region, long startOffset, long endOffset) {
        this(region, startOffset, endOffset, false);
    }

    /** Size of the space in bytes, also of what is not there yet. */
    public long bytes() {
        return endOffset - startOffset;
    }
}
