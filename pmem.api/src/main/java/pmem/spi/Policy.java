package pmem.spi;

import java.util.function.Consumer;
import java.util.function.LongConsumer;
import pmem.api.BlockVisitor;
import pmem.api.Finding;

/**
 * Decides which bytes become a block. All methods may be called by any number of threads at once unless stated otherwise.
 *
 * <p>A block goes through three states. <em>Free</em>: state field 0 and nobody has it. <em>Reserved</em>: state field 0 and
 * claimed in DRAM by {@link #reserve}. <em>Allocated</em>: state field not 0 on media. The pool alone moves a block between
 * reserved and allocated, by one change of the field {@link #stateField} names to the value {@link #allocatedValue} gives, and
 * makes the change durable; a policy writes back or fences only where it prepares room for blocks (creating a slab).
 *
 * <p>An abstract class rather than an interface, so that with one policy loaded the JIT binds calls statically.
 */
public abstract class Policy {
    /** For implementations. */
    protected Policy() {}

    /**
     * Claims a block in DRAM. What a later publish of it depends on (a slab's header and table word) is durable at return.
     *
     * @param bytes at least 1
     * @param alignmentBytes a power of two; the block's offset in the region is a multiple of it
     * @return the handle, or {@link pmem.api.Handles#NONE} if no contiguous room is left
     */
    public abstract long reserve(long bytes, long alignmentBytes);

    /**
     * Gives a block back to the free space: one that was reserved and never published, or one whose free is durable.
     *
     * @param handle the block
     * @param allocatedValue the value its state field had, or would have had
     */
    public abstract void release(long handle, long allocatedValue);

    /** Starts a group of blocks that are given back together; a policy may have a faster one than this. */
    public BlockGroup newGroup() {
        return new ListedBlocks(this);
    }

    /**
     * The state field of the block that starts at a handle.
     *
     * @param handle any value at all
     * @return the field, or {@link StateField#NONE} if no block can start there now
     */
    public abstract long stateField(long handle);

    /**
     * What may be other than 0, on media too, in a block that was just reserved and that nobody has written to.
     *
     * @param usableBytes all bytes of the block
     * @return start and end offset of each range in turn, ascending and apart; all of the block if nothing better is known
     */
    public long[] writtenRanges(long handle, long usableBytes) {
        return new long[] {handle, handle + usableBytes};
    }

    /**
     * The value that an allocated block's state field would have if the block held another number of bytes where it is, whether
     * or not what it lacks is free. Claims nothing.
     *
     * @param handle an allocated block
     * @param allocatedValue the value of its state field
     * @param bytes at least 1
     * @return the value; the same one if the block is as long as it should be; 0 if no block of that size can start there
     */
    public long resizedValue(long handle, long allocatedValue, long bytes) {
        return bytes <= usableBytes(handle, allocatedValue) ? allocatedValue : 0;
    }

    /**
     * Claims in DRAM what an allocated block lacks to be a larger one. What is claimed is free on media and its metadata durable, so
     * that the one change of the block's state field is all it takes; a crash before it frees what was claimed.
     *
     * @param handle an allocated block that nobody frees or resizes meanwhile
     * @param allocatedValue the value of its state field
     * @param largerValue what {@link #resizedValue} gave, for a block that is larger
     * @return whether all of it was free
     */
    public boolean reserveTail(long handle, long allocatedValue, long largerValue) {
        return false;
    }

    /**
     * Gives the end of a block back to the free space: one that {@link #reserveTail} claimed in vain, or one whose block is durably
     * smaller. The block itself stays.
     *
     * @param largerValue the value of its state field with that end
     * @param smallerValue the value without
     */
    public void releaseTail(long handle, long largerValue, long smallerValue) {
        throw new UnsupportedOperationException(
                "policy's blocks keep their size: policy=" + getClass().getName());
    }

    /** The value that marks a block, reserved with this size and alignment, as allocated; never 0. */
    public abstract long allocatedValue(long handle, long bytes, long alignmentBytes);

    /** Bytes that belong to the block, given the value of its state field. */
    public abstract long usableBytes(long handle, long allocatedValue);

    /** Visits the allocated blocks as media has them, reserved ones not. */
    public abstract void forEachAllocated(BlockVisitor visitor);

    /** Bytes taken from the free space, metadata included; constant time. */
    public abstract long usedBytes();

    /** Bytes of the space that can never become part of a block. */
    public abstract long metadataBytes();

    /** Blocks that are neither free nor merely cached: reserved or allocated, by the volatile counters. */
    public abstract long liveBlocks();

    /** Usable bytes of those blocks, by the volatile counters. */
    public abstract long liveBytes();

    /** Largest size that {@link #reserve} with alignment 1 could serve now. */
    public abstract long largestFreeBytes();

    /**
     * Passes on the offsets of the words of metadata by which a block is found: that of its state field, and those of what
     * contains it. While none of them is damaged, the block is found.
     *
     * @param handle a reserved or allocated block
     */
    public void forEachWordOf(long handle, LongConsumer wordOffsets) {
        long field = stateField(handle);
        if (field != StateField.NONE) {
            wordOffsets.accept(StateField.wordOffset(field));
        }
    }

    /**
     * Checks media and volatile structures against each other: every allocated block inside the space, no overlap, counters
     * equal to a recount. Other threads must not use the policy meanwhile.
     */
    public abstract void verify(Consumer<Finding> findings);

    /**
     * Opens an access for one thread; the caller closes it before the policy.
     *
     * @param exclusive whether nobody but the access's own thread ever needs what it keeps: then it may do without any locked
     *     instruction. A volatile pool asks for that, since its state fields too are changed without one. If not, other
     *     threads may take what an idle access keeps
     */
    public PolicyAccess openAccess(boolean exclusive) {
        return new PolicyAccess(this);
    }

    /**
     * The NUMA nodes whose blocks the policy keeps apart: those of the region, or none, as here, if it does not.
     */
    public NodeStretches nodes() {
        return NodeStretches.NONE;
    }

    /**
     * As {@link #openAccess(boolean)}, for blocks of one NUMA node as long as that has room.
     *
     * @param node its place among {@link #nodes}
     */
    public PolicyAccess openAccess(boolean exclusive, int node) {
        return openAccess(exclusive);
    }

    /**
     * Takes in what has come to the space: the bytes up to an offset are there for good, and read as zero or hold leftovers of
     * blocks that are gone. Others use the policy meanwhile. Called only if {@link PolicyProvider#leastUsableEnd} allows growth; one
     * call at a time.
     *
     * @param usableEndOffset the new {@link PolicySpace#usableEndOffset}, larger than the one before
     */
    public void grow(long usableEndOffset) {
        throw new UnsupportedOperationException(
                "policy's space cannot grow: policy=" + getClass().getName());
    }

    /**
     * Where what is in use ends: a multiple of nothing in particular, at least what {@link PolicyProvider#leastUsableEnd} says but for
     * its rounding. What is merely kept for later is given up first. Others may use the policy meanwhile. Called only if the space can
     * grow.
     */
    public long usedEndOffset() {
        throw new UnsupportedOperationException(
                "policy's space cannot shrink: policy=" + getClass().getName());
    }

    /**
     * Gives up the end of the space if nothing there is in use, and nobody can reserve anything there any more, until it
     * {@linkplain #grow grows} again. Free is what has been {@linkplain #release released}, as for {@link #trim}. Others use the
     * policy meanwhile. One call of this and {@link #grow} at a time.
     *
     * @param usableEndOffset the new {@link PolicySpace#usableEndOffset}, at least what {@link PolicyProvider#leastUsableEnd} says
     * @return whether the space ends there now; if not, it is as it was
     */
    public boolean shrink(long usableEndOffset) {
        throw new UnsupportedOperationException(
                "policy's space cannot shrink: policy=" + getClass().getName());
    }

    /** Receives a run of free space that nobody can reserve meanwhile. */
    @FunctionalInterface
    public interface FreeRun {
        /**
         * Gives its storage back, as {@link pmem.spi.Region#releaseStorage}.
         *
         * @return bytes given back
         */
        long release(long offset, long bytes);
    }

    /**
     * Passes runs of free space on, one after the other, each out of the free space for the time of its call. Free is what has
     * been {@linkplain #release released}, so no crash brings back a block there. Whatever is reserved later is backed before, by
     * {@link pmem.spi.Region#ensureBacked}. Others use the policy meanwhile and may find less room.
     *
     * @param leastBytes shorter runs are left out
     * @return the sum of what the receiver returned; 0, as here, if the policy has no such runs to give
     */
    public long trim(long leastBytes, FreeRun receiver) {
        return 0;
    }

    /** What threads without an access of their own use: any number of them at once. */
    public PolicyAccess sharedAccess() {
        return PolicyAccess.shared(this);
    }

    /**
     * Does once what the policy's own background thread does at intervals, if it has one: takes back what idle threads keep, gives
     * storage back. Others use the policy meanwhile; does nothing where there is nothing to do.
     */
    public void maintain() {}

    /** Stops background work; the media needs nothing. */
    public void close() {}
}
