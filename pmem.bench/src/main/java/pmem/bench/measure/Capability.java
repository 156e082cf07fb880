package pmem.bench.measure;

/** What an {@link Allocator} can do. A workload runs on the allocators that have what it needs. */
public enum Capability {
    /** Allocate and free, one block a call. */
    PLAIN,
    /** Several blocks in one call. */
    BATCH,
    /** Reserve a block, then make it allocated by a second call. */
    PUBLISH,
    /** Allocate and free inside a transaction. */
    TRANSACTION,
    /** Several allocations or frees in one transaction. */
    TRANSACTION_BATCH,
    /** Allocate a block and link it from a durable word, both durable at return; free and unlink likewise. */
    LINK,
    /** Resize a block, moving it if need be. */
    REALLOCATE,
    /** Write to the memory of a block. */
    TOUCH,
    /** Fill a block with content, durably if blocks are durable, and compare it. */
    CONTENT,
    /** A block may be freed by another thread than the one that allocated it. */
    REMOTE_FREE,
    /** Refuses by an exception when its space is used up. */
    BOUNDED,
    /** Nothing is allocated: one store, its write-back and a fence. */
    FLOOR
}
