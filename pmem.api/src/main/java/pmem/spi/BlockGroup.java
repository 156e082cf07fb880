package pmem.spi;

/**
 * Reserved blocks that are given back together. Nothing of it is on media: a crash frees them. For one thread at a time; only
 * {@link #blocks} and {@link #usableBytes()} may be called by any.
 */
public abstract class BlockGroup {
    /** For implementations. */
    protected BlockGroup() {}

    /**
     * Claims a block, as {@link Policy#reserve}; except that it can't be published while it is in the group, and that {@link
     * Policy#stateField} need not know it.
     */
    public abstract long reserve(long bytes, long alignmentBytes);

    /**
     * Usable bytes of a block of the group.
     *
     * @param handle any value at all
     * @return 0 if it names no block of the group
     */
    public abstract long usableBytes(long handle);

    /**
     * Takes a block out of the group: from now on it is one that {@link Policy#reserve} gave. What a publish of it depends on is
     * durable at return.
     *
     * @param handle a block of the group
     */
    public abstract void detach(long handle);

    /** Gives all blocks of the group back to the free space. The group is not used any more. */
    public abstract void release();

    /** Number of blocks in the group now. */
    public abstract long blocks();

    /** Usable bytes of all blocks in the group now. */
    public abstract long usableBytes();
}
