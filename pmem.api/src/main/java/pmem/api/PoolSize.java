package pmem.api;

/**
 * How large a pool is and may become, and what of its storage goes back to the system. A part of {@link Pool}, whose words on threads,
 * crashes and errors hold here too.
 */
public interface PoolSize {
    /**
     * Makes the pool larger while others use it; every block stays where it is. Only pools created with
     * {@link PoolOptions#maxCapacity} can grow. Durable at return; a crash before shows the old size or the new one, never less.
     * Costs system calls, 2 lines and 1 fence.
     *
     * @param capacityBytes the size wanted, metadata included; rounded up to the mapping's granularity. One that the pool has
     *     already changes nothing
     * @return the size now
     * @throws IllegalArgumentException if it is less than 1 or more than {@link #maxCapacityBytes}
     * @throws OutOfSpaceException if the file system has no room for it; the pool is as it was
     * @throws PoolIoException if the system refuses for another reason; the pool is as it was
     */
    long grow(long capacityBytes);

    /**
     * Makes the pool smaller by its free end, while others use it, and the file shorter; every block stays where it is, and so a
     * block near the end keeps all before it. What is left can {@linkplain #grow grow} again. Only pools in files and volatile pools
     * that were created with {@link PoolOptions#maxCapacity} can shrink. Durable at return; a crash before shows the old size or the
     * new one. A crash may also leave the file longer than the pool; the next call cuts the rest off. Costs system calls, 2 lines
     * and 1 fence, and those of a {@link Pool#sync}.
     *
     * <p>Nobody may look at the file by {@link Pool#checkBesideWriter} meanwhile: a file that becomes shorter takes pages away from
     * under him.
     *
     * @param capacityBytes the size wanted, metadata included; rounded up to the mapping's granularity
     * @return the size now, which is larger if something in use stands in the way, and where that ends
     * @throws IllegalArgumentException if it is less than {@link #minCapacityBytes}
     * @throws PoolIoException if the system refuses; the pool may be smaller then, in a file as long as before
     */
    ShrinkReport shrink(long capacityBytes);

    /**
     * Gives the storage of free space back to the system, in whole steps of 2 MiB: of files that are not {@linkplain
     * PoolOptions#preallocate preallocated}, whose blocks the file system gets, and of volatile pools. Other pools keep what they
     * have. Storage comes again as it is needed. Others may use the pool meanwhile; an allocation may find up to 64 MiB less room
     * than there is.
     *
     * <p>Reading or writing a block after it was freed, always an error of the program, may then kill the process if the file system
     * is full.
     *
     * @return bytes that the system got
     * @throws PoolIoException if the system refuses; the pool goes on
     */
    long trim();

    /** Largest size the pool can {@linkplain #grow grow} to, in bytes; its size if it can't grow. */
    long maxCapacityBytes();

    /** Smallest size the pool can {@linkplain #shrink shrink} to if no block is in the way, in bytes; its size if it can't shrink. */
    long minCapacityBytes();
}
