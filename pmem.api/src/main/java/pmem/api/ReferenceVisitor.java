package pmem.api;

import java.util.function.LongConsumer;

/** Tells {@link Pool#audit} which blocks a block refers to; only the application knows what its blocks contain. */
@FunctionalInterface
public interface ReferenceVisitor {
    /**
     * Passes on every handle that is stored in a block. Called once for each block that is reached.
     *
     * @param pool the pool
     * @param handle a live block
     * @param references takes the handles; {@link Handles#NONE} is ignored
     */
    void references(Pool pool, long handle, LongConsumer references);
}
