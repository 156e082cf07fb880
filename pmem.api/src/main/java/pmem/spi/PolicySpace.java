package pmem.spi;

/**
 * The part of a region that a policy lays out: its metadata and all blocks.
 *
 * @param region the region; offsets below count from its start
 * @param startOffset first byte, a multiple of 4096
 * @param endOffset first byte after the space, a multiple of 4096
 * @param blank whether the space was all zeros when this process formatted it, and nobody has allocated since
 */
public record PolicySpace(Region region, long startOffset, long endOffset, boolean blank) {
    /** A space that may have been used before. */
    public PolicySpace(Region region, long startOffset, long endOffset) {
        this(region, startOffset, endOffset, false);
    }

    /** Size of the space in bytes. */
    public long bytes() {
        return endOffset - startOffset;
    }
}
