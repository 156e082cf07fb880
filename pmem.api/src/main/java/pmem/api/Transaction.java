package pmem.api;

import java.lang.foreign.MemorySegment;

/**
 * A set of changes that a crash leaves either all done or all undone; see {@link Pool#transaction}.
 *
 * <p>Changes take effect when the body returns: until then allocated blocks are only reserved, freed blocks are still live,
 * and words keep their old value for everybody, this transaction included. Blocks named here are refused to other
 * transactions and to {@link Pool#free}. Not thread-safe; valid only while the body runs.
 */
public interface Transaction {
    /**
     * Allocates a block at commit; until then it is reserved. Its content is made durable by the commit.
     *
     * @param bytes at least 1
     * @return the handle, usable at once with {@link #segment}
     * @throws IllegalArgumentException if {@code bytes < 1}
     * @throws OutOfSpaceException if no room is left
     * @throws TransactionException if the lane has no room for one more change
     */
    long allocate(long bytes);

    /**
     * Frees a live block at commit, or cancels one that this transaction allocated.
     *
     * @throws InvalidHandleException if the handle does not name a live block
     * @throws TransactionException if another transaction has named the block, or the lane has no room
     */
    void free(long handle);

    /**
     * Sets an 8-byte word of a block at commit. Others must not store to the word while the transaction runs; the caller
     * sees to that.
     *
     * @param handle a live block, or one this transaction allocated
     * @param offset bytes from the block's start, a multiple of 8 inside the block
     * @param value the new value, little-endian
     * @throws IllegalArgumentException if the word is misaligned or not inside the block
     * @throws InvalidHandleException if the handle does not name a live block
     * @throws TransactionException if another transaction has named the word, or the lane has no room
     */
    void set(long handle, long offset, long value);

    /** The bytes of a live block or of one this transaction allocated; as {@link Pool#segment}. */
    MemorySegment segment(long handle);
}
