package pmem.spi;

/**
 * The part of a region that a policy lays out: its metadata and all blocks.
 *
 * @param region the region; offsets below count from its start
 * @param startOffset first byte, a multiple of 4096
 * @param endOffset first byte after the space, a multiple of 4096
 */
public record PolicySpace(Region region, long startOffset, long endOffset) {
    /** Size of the space in bytes. */
    public long bytes() {
        return endOffset - startOffset;
    }
}
