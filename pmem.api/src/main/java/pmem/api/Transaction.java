package pmem.api;

import java.lang.foreign.MemorySegment;

/**
 * A set of changes that a crash leaves either all done or all undone; see {@link Pool#transaction}.
 *
 * <p>Changes take effect when the body returns: until then allocated blocks are only reserved, freed blocks are still live,
 * and set words keep their old value for everybody, this transaction included. A {@linkplain #snapshot snapshotted} range is
 * changed in place, visible to all, and put back if the body throws or the process dies. Blocks and words named here are
 * refused to other transactions, to {@link Pool#free} and to the calls on slots; several transactions may change different
 * words of one block. Reads are not isolated: what others may see in between, their locks decide. Not thread-safe; valid only
 * while the body runs.
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

    /**
     * Records a range of a live block, so that the body may then change it in place. The old bytes are on media at return
     * (1 fence, 1 line per 40 bytes); the new ones are made durable by the commit, or undone with everything else. The range
     * is widened to whole words. Does nothing for a block this transaction allocated, whose content is made durable anyway.
     *
     * @param handle a live block, or one this transaction allocated
     * @param offset first byte, from the block's start
     * @param bytes how many, 0 allowed
     * @throws IndexOutOfBoundsException if the range is not inside the block
     * @throws InvalidHandleException if the handle does not name a live block
     * @throws TransactionException if another transaction has named one of the words, or the lane has no room;
     *     {@link PoolOptions#laneEntries} sets it at creation
     */
    void snapshot(long handle, long offset, long bytes);

    /** The bytes of a live block or of one this transaction allocated; as {@link Pool#segment}. */
    MemorySegment segment(long handle);
}
