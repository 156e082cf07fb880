package pmem.api;

/**
 * A range of a pool's media with a name.
 *
 * @param name what is there, for example {@code superblock copy A}
 * @param offset first byte, from the start of the pool
 * @param bytes length
 */
public record PoolPart(String name, long offset, long bytes) {
    /** First byte after the part. */
    public long endOffset() {
        return offset + bytes;
    }

    @Override
    public String toString() {
        return name + " [0x" + Long.toHexString(offset) + ", 0x" + Long.toHexString(endOffset()) + ")";
    }
}
