package pmem.api;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An {@link Arena} whose memory is blocks of a pool, so that code written for arenas runs on it. {@link Pool#scope} opens one.
 *
 * <p>Its blocks are only reserved: allocating writes nothing to media and waits for nothing, and a crash or {@link #close()}
 * frees all of them at once. {@link #keep} makes one of them an allocated block that outlives the scope.
 *
 * <p><b>Threads.</b> A scope belongs to the thread that opened it: its calls, and the segments it gives, refuse any other with a
 * {@link WrongThreadException}. Its blocks never become another thread's while it is open.
 *
 * <p><b>Errors.</b> After {@link #close()} every call throws {@link IllegalStateException}, and after the pool was closed
 * {@link PoolClosedException}.
 */
public interface PoolScope extends Arena {
    /**
     * Reserves a block and fills it with zeros.
     *
     * @param byteSize size of the segment; 0 is allowed
     * @param byteAlignment a power of two; up to 4096 it holds for the address, above only for the offset in the pool
     * @return a segment of exactly that size, accessible until {@link #close()}
     * @throws IllegalArgumentException if the size is negative or the alignment not a power of two
     * @throws OutOfSpaceException if no contiguous room is left
     */
    @Override
    MemorySegment allocate(long byteSize, long byteAlignment);

    /**
     * Makes a segment's block allocated, content and state durable at return, as {@link Pool#publish}: the lines of the
     * segment and 1 more, 1 fence; the first one from a part of the pool that was not in use costs 1 or 2 fences more. The block
     * outlives the scope; the segment does not: {@link Pool#segment} gives another.
     *
     * @param segment as {@link #allocate} gave it, or the first bytes of that, which are then what is made durable
     * @return the block's handle
     * @throws InvalidHandleException if no block of this scope starts where the segment does, or it was taken out before
     */
    long keep(MemorySegment segment);

    /**
     * Takes a segment's block out of the scope without publishing it: from now on it is one that {@link Pool#reserve} gave,
     * for {@link Pool#publishTo}, {@link Pool#replace}, {@link Pool#publish} or {@link Pool#cancel}.
     *
     * @param segment as for {@link #keep}
     * @return the block's handle
     * @throws InvalidHandleException as {@link #keep}
     */
    long detach(MemorySegment segment);

    /**
     * Frees all blocks that are still in the scope and makes its segments inaccessible. No write to media, unless pages that
     * are not needed any more are given back.
     *
     * @throws IllegalStateException if it is closed already
     */
    @Override
    void close();
}
