package pmem.bench.measure;

import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * An allocator under test, over numbered slots: it keeps in a slot whatever names the block (handle, address, object), so that
 * the loops need not know. A slot is used by one thread at a time; different slots by any number of threads.
 *
 * <p>No method checks anything: freeing an empty slot or allocating into a full one is an error of the workload. A method whose
 * {@link Capability} is not in {@link #capabilities()} throws {@link UnsupportedOperationException}.
 */
public interface Allocator extends AutoCloseable {
    /** What it can do. */
    Set<Capability> capabilities();

    /** The same allocator as thread number {@code thread} of a workload is to use it, in any slot. Called by one thread. */
    default Allocator forThread(int thread) {
        return this;
    }

    /** Allocates a block of {@code bytes > 0} into an empty slot. */
    void allocate(int slot, long bytes);

    /** Frees the block of a slot, which is empty then. */
    void free(int slot);

    /** Allocates {@code count} blocks of {@code bytes} each into neighbouring slots. */
    default void allocateAll(int firstSlot, int count, long bytes) {
        throw missing(Capability.BATCH);
    }

    /** Frees the blocks of neighbouring slots. */
    default void freeAll(int firstSlot, int count) {
        throw missing(Capability.BATCH);
    }

    /** Reserves a block and publishes it. */
    default void allocatePublished(int slot, long bytes) {
        throw missing(Capability.PUBLISH);
    }

    /** Frees by the counterpart of {@link #allocatePublished}. */
    default void freePublished(int slot) {
        free(slot);
    }

    /** Allocates in a transaction of its own. */
    default void allocateInTransaction(int slot, long bytes) {
        throw missing(Capability.TRANSACTION);
    }

    /** Frees in a transaction of its own. */
    default void freeInTransaction(int slot) {
        throw missing(Capability.TRANSACTION);
    }

    /** Allocates {@code count} blocks in one transaction. */
    default void allocateAllInTransaction(int firstSlot, int count, long bytes) {
        throw missing(Capability.TRANSACTION_BATCH);
    }

    /** Frees the blocks of neighbouring slots in one transaction. */
    default void freeAllInTransaction(int firstSlot, int count) {
        throw missing(Capability.TRANSACTION_BATCH);
    }

    /** Allocates a block and links it from a durable word that stands for the slot. */
    default void allocateLinked(int slot, long bytes) {
        throw missing(Capability.LINK);
    }

    /** Unlinks and frees. */
    default void freeLinked(int slot) {
        throw missing(Capability.LINK);
    }

    /** Gives the block of a slot another size; its content is kept up to the smaller one. */
    default void reallocate(int slot, long oldBytes, long newBytes) {
        throw missing(Capability.REALLOCATE);
    }

    /** Writes a byte to every 4096th of the block's bytes. */
    default void touch(int slot, long bytes) {
        throw missing(Capability.TOUCH);
    }

    /** Copies the first {@code bytes} of a content to the block, durably if the block is durable. */
    default void fill(int slot, MemorySegment content, long bytes) {
        throw missing(Capability.CONTENT);
    }

    /** Whether the block begins with the first {@code bytes} of a content. */
    default boolean holds(int slot, MemorySegment content, long bytes) {
        throw missing(Capability.CONTENT);
    }

    /** Cache lines written back so far, or a negative number if they are not counted. */
    default long linesWrittenBack() {
        return -1;
    }

    /** Fences so far, or a negative number if they are not counted. */
    default long fences() {
        return -1;
    }

    @Override
    void close();

    /** The error of a call that needs a capability which is lacking. */
    static UnsupportedOperationException missing(Capability capability) {
        return new UnsupportedOperationException("allocator lacks a capability: expected=" + capability);
    }
}
