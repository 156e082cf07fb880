package pmem.api;

/**
 * Names for the values of a handle that are not blocks.
 *
 * <p>A handle is the offset in bytes of a block's first byte from the start of its pool. It is meaningful in every process and
 * at every address that maps the pool, and may be stored in blocks.
 */
public final class Handles {
    /** No block. Offset 0 holds the superblock, so no block ever has this handle. */
    public static final long NONE = 0;

    private Handles() {}

    /** Formats a handle for messages: hexadecimal with prefix, as all offsets are. */
    public static String format(long handle) {
        return handle == NONE ? "none" : "0x" + Long.toHexString(handle);
    }
}
