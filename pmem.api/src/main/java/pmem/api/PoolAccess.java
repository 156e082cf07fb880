package pmem.api;

/**
 * One thread's own way into a pool: blocks come from space that the policy keeps for it, so that threads with accesses of their
 * own do not meet. The fastest way to allocate and free. All blocks are the pool's: any thread frees them, through any
 * access or through the pool.
 *
 * <p><b>Threads.</b> Used by one thread at a time; handing it on needs what handing on any unshared object needs. Two threads
 * at once break the pool's volatile structures, though not what is on media.
 *
 * <p><b>Crash guarantee and errors</b> are those of the {@link Pool} methods of the same names. One difference: in a
 * pool of {@linkplain Pool#openVolatile anonymous memory} a small block is freed without a locked instruction, so two threads that
 * free one block at the very same moment may both be told that they did; and a free looks for no other thread that resizes the block at
 * that moment, or has just made it part of a transaction. Both are mistakes of a program that the calls cannot tell it then.
 *
 * <p><b>Life.</b> {@link #release()} gives what is kept to others. Left unreleased, an access that is unreachable is released
 * after a garbage collection, so a thread that dies orphans nothing.
 */
public interface PoolAccess extends AutoCloseable {
    /** As {@link Pool#allocate(long)}. */
    default long allocate(long bytes) {
        return allocate(bytes, 1);
    }

    /** As {@link Pool#allocate(long, long)}. */
    long allocate(long bytes, long alignmentBytes);

    /** As {@link Pool#allocateZeroed(long)}. */
    default long allocateZeroed(long bytes) {
        return allocateZeroed(bytes, 1);
    }

    /** As {@link Pool#allocateZeroed(long, long)}. */
    long allocateZeroed(long bytes, long alignmentBytes);

    /** As {@link Pool#free}. */
    void free(long handle);

    /** As {@link Pool#reserve}; {@link Pool#publish} and {@link Pool#cancel} take the block. */
    long reserve(long bytes);

    /**
     * Gives the space that is kept for the thread to others and ends the access: every later call but this one throws
     * {@link IllegalStateException}. Blocks stay as they are.
     */
    void release();

    /** As {@link #release()}. */
    @Override
    default void close() {
        release();
    }
}
