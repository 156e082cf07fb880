package pmem.api;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;

/**
 * A persistent or plain mapped memory pool that hands out blocks.
 *
 * <p><b>Threads.</b> All methods may be called by any number of threads at once. A block belongs to its caller; the pool
 * orders nothing inside blocks.
 *
 * <p><b>Crash guarantee.</b> When a method that changes the pool returns, the change survives what {@link #durability()}
 * says. When the process, the system or the power fails during a call, the change of that call is found either wholly done
 * or wholly undone at the next open, and no other operation is touched.
 *
 * <p><b>Errors.</b> Every method throws {@link PoolClosedException} after {@link #close()}, and {@link PoolIoException} after
 * a flush of the operating system failed.
 */
public interface Pool extends PoolSize, PoolNodes, AutoCloseable {
    /**
     * Opens or creates a pool on a file or device.
     *
     * @throws PoolOpenException with its {@link PoolOpenException#reason() reason} if that can't be done
     * @throws PoolCorruptedException if the pool's log or policy metadata contradicts itself
     * @throws IllegalArgumentException if a policy parameter is unknown or out of its range
     */
    static Pool open(Path path, PoolOptions options) {
        return Providers.only(PoolProvider.class).open(path, options);
    }

    /**
     * Creates a pool in anonymous memory: an off-heap allocator whose blocks vanish with {@link #close()}.
     *
     * @throws PoolOpenException with its {@link PoolOpenException#reason() reason} if that can't be done
     * @throws IllegalArgumentException if no capacity is given or a policy parameter is unknown or out of its range
     */
    static Pool openVolatile(PoolOptions options) {
        return Providers.only(PoolProvider.class).openVolatile(options);
    }

    /**
     * Checks a pool without changing a byte of it: superblocks, log, roots, all policy structures, and what opening it would
     * do. The pool must not be open, here or elsewhere.
     *
     * @throws PoolOpenException if there is nothing to check: no file, no permission, a directory, a pool that is open
     */
    static CheckReport check(Path path) {
        return Providers.only(PoolProvider.class).check(path);
    }

    /**
     * Checks as {@link #check} does, beside a writer that has the pool open. What the writer changes meanwhile may show as
     * findings, so only an answer without any says something for sure; ask again, or check the pool when it is closed.
     *
     * @throws PoolOpenException as {@link #check}, except that the pool may be open
     */
    static CheckReport checkBesideWriter(Path path) {
        return Providers.only(PoolProvider.class).checkBesideWriter(path);
    }

    /**
     * Repairs a pool that {@link #check} finds damaged, so that it opens and verifies without findings. What is intact stays;
     * what can be told from a copy or a checksum is made what it was; the rest is given up, item by item. Before anything is
     * changed the old bytes are saved beside the pool; {@link #undoRepair} puts them back. A crash during the repair leaves a
     * pool that can be repaired again.
     *
     * @throws PoolOpenException as {@link #check}, and if the backup can't be written
     */
    static RepairReport repair(Path path, RepairOptions options) {
        return Providers.only(PoolProvider.class).repair(path, options);
    }

    /**
     * Puts the bytes back that a repair has saved. Only for a pool that was not changed since that repair: what was stored
     * there later is overwritten.
     *
     * @param backup a file that {@link #repair} has written
     * @throws PoolOpenException as {@link #check}, or if the backup is damaged or not of this pool; nothing is changed then
     */
    static void undoRepair(Path path, Path backup) {
        Providers.only(PoolProvider.class).undoRepair(path, backup);
    }

    /**
     * Allocates a block, aligned to 16 bytes at least (smaller blocks to their size rounded up to a power of two, 8 at
     * least). Durable at return: 1 line and 1 fence. Its content is whatever the memory held.
     *
     * <p>A block whose handle is not stored in a durable place before the process dies stays allocated: {@linkplain #reserve
     * reserve} it, fill it and {@link #publishTo publish it to} its place, or use a {@linkplain #transaction transaction}.
     *
     * @param bytes size asked for, at least 1
     * @throws IllegalArgumentException if {@code bytes < 1}
     * @throws OutOfSpaceException if no contiguous room is left
     */
    default long allocate(long bytes) {
        return allocate(bytes, 1);
    }

    /**
     * Allocates a block as {@link #allocate(long)}, whose offset in the pool is a multiple of {@code alignmentBytes}. A pool
     * is mapped on a 4096-byte boundary at least, so alignments up to that hold for addresses too.
     *
     * @param bytes size asked for, at least 1
     * @param alignmentBytes a power of two
     * @throws IllegalArgumentException if {@code bytes < 1} or the alignment is not a power of two
     * @throws OutOfSpaceException if no contiguous room of that alignment is left
     */
    long allocate(long bytes, long alignmentBytes);

    /** {@link #allocateZeroed(long, long)} of any alignment. */
    default long allocateZeroed(long bytes) {
        return allocateZeroed(bytes, 1);
    }

    /**
     * Allocates a block as {@link #allocate(long, long)}, of which all {@linkplain #usableBytes usable bytes} are 0. They are so on
     * media before the block is allocated: no crash finds it with another content. What is known to be 0 is not written: memory that
     * was never used, or given back by {@link #trim}, in large blocks. If all of the block is, 1 line and 1 fence; otherwise the lines
     * that are cleared, and 1 fence more. Group commit saves the fence of the state only.
     *
     * @param bytes size asked for, at least 1
     * @param alignmentBytes a power of two
     * @throws IllegalArgumentException if {@code bytes < 1} or the alignment is not a power of two
     * @throws OutOfSpaceException if no contiguous room of that alignment is left
     */
    long allocateZeroed(long bytes, long alignmentBytes);

    /**
     * Allocates one block of each size under one fence. A crash during the call leaves any subset of them allocated.
     *
     * @return the handles, in the order of the sizes
     * @throws IllegalArgumentException if a size is smaller than 1; nothing is allocated then
     * @throws OutOfSpaceException if room is lacking for one of them; nothing is allocated then
     */
    long[] allocateAll(long... bytes);

    /**
     * Frees a block. Durable at return: 1 line and 1 fence; the space is reused only after that.
     *
     * @throws InvalidHandleException if the handle does not name a live block (media is untouched). A block that was freed
     *     and handed out again is live: freeing it through the old handle is an error the pool can't see
     * @throws TransactionException if a running transaction has named the block
     */
    void free(long handle);

    /**
     * Frees all the blocks under one fence. A crash during the call leaves any subset of them freed.
     *
     * @throws InvalidHandleException if one of the handles does not name a live block, or stands there twice; the blocks
     *     before it are freed then, those from it on are not
     * @throws TransactionException if a running transaction has named one of the blocks; as above
     */
    void freeAll(long... handles);

    /**
     * Sets room aside for a block without making it allocated: no write to media, and a crash or {@link #close()} frees it.
     * Fill it through {@link #segment}, then {@link #publish} or {@link #cancel} it.
     *
     * @param bytes size asked for, at least 1
     * @throws IllegalArgumentException if {@code bytes < 1}
     * @throws OutOfSpaceException if no contiguous room is left
     */
    long reserve(long bytes);

    /**
     * Makes a reserved block allocated. Its first asked-for bytes and its state are durable at return: the lines of the
     * content, 1 line of state, 1 fence. A crash during the call may leave the block allocated with any mixture of old and
     * new content; a caller who must tell, writes a checksum into the content.
     *
     * @throws InvalidHandleException if the handle does not name a reserved block
     */
    void publish(long handle);

    /**
     * Gives a reserved block back.
     *
     * @throws InvalidHandleException if the handle does not name a reserved block
     */
    void cancel(long handle);

    /**
     * Opens a scope: an {@link java.lang.foreign.Arena} whose segments are reserved blocks of this pool, freed all at once when
     * it is closed. For what is built in many pieces and thrown away, or of which little is kept:
     *
     * {@snippet :
     * try (PoolScope scope = pool.scope()) {
     *     MemorySegment draft = scope.allocateFrom("text that is only tried");
     *     MemorySegment text = scope.allocateFrom("text that stays");
     *     pool.setRoot("text", scope.keep(text));
     * }
     * }
     */
    PoolScope scope();

    /**
     * The handle of the block that starts where a segment does: back from {@link #segment} or {@link PoolScope#allocate}. Whether
     * there is such a block is not looked at.
     *
     * @throws InvalidHandleException if the segment is no memory of this pool's blocks
     */
    long handle(MemorySegment segment);

    /**
     * The slot at a word of a live block that the application may also store to itself. Calls that change it take 3 fences;
     * while one of them runs the slot is the caller's alone.
     *
     * @param handle a live block
     * @param offset bytes from the block's start, a multiple of 8 inside the block
     * @return the slot, valid as long as the block lives, and at whatever address the pool is mapped
     * @throws IllegalArgumentException if the word is misaligned or not inside the block
     * @throws InvalidHandleException if the handle does not name a live block
     */
    long slot(long handle, long offset);

    /**
     * As {@link #slot}, for a word that from now on only calls of this pool change: {@link #publishTo}, {@link
     * #unlinkAndFree}, {@link #replace} and {@link Transaction#set}. Calls that change it take 2 fences. Storing to the word by
     * other means can make recovery take a live block for a free one.
     */
    long link(long handle, long offset);

    /**
     * The link at a named root, which need not be set. The name keeps its place in the table until the pool is closed.
     *
     * @throws IllegalArgumentException if the name is empty or longer than 255 bytes of UTF-8
     * @throws OutOfSpaceException if the table of roots is full
     */
    long rootSlot(String name);

    /**
     * The value of a slot now: the handle of a block, or {@link Handles#NONE}.
     *
     * @throws IllegalArgumentException if it is no slot of this pool
     */
    long load(long slot);

    /** {@link #publishTo(long, long, long)} to a slot that holds {@link Handles#NONE}. */
    default boolean publishTo(long slot, long handle) {
        return publishTo(slot, Handles.NONE, handle);
    }

    /**
     * Makes a reserved block allocated and stores its handle in a slot, as one: after a crash either both are found or neither,
     * and nothing leaks. The content is durable before. The lines of the content and 4 more; 2 fences for a link, 3 for an
     * ordinary slot. The block whose handle the slot held before stays live: a list is pushed by storing it in the new block
     * first.
     *
     * @param slot a value of {@link #slot}, {@link #link} or {@link #rootSlot}
     * @param expected what the slot must hold
     * @param handle a reserved block
     * @return whether the slot held the expected value; if not, nothing was changed and the block is still reserved
     * @throws InvalidHandleException if the handle does not name a reserved block
     * @throws IllegalArgumentException if it is no slot of this pool, or the value would not change
     * @throws TransactionException if a running transaction has named the slot, or one of this thread is running
     */
    boolean publishTo(long slot, long expected, long handle);

    /**
     * {@link #unlinkAndFree(long, long, long)} of whatever the slot holds, leaving {@link Handles#NONE}.
     *
     * @return false if the slot held {@link Handles#NONE} or changed meanwhile
     */
    default boolean unlinkAndFree(long slot) {
        long handle = load(slot);
        return handle != Handles.NONE && unlinkAndFree(slot, handle, Handles.NONE);
    }

    /**
     * Frees the block a slot names and stores what follows it, as one: after a crash the slot names a live block as before, or
     * the new value is there and the block is free. 4 lines; 2 fences for a link, 3 for an ordinary slot.
     *
     * @param slot a value of {@link #slot}, {@link #link} or {@link #rootSlot}
     * @param expected the block to be freed, which the slot must hold
     * @param next what the slot holds then: {@link Handles#NONE} or a block reachable only from the freed one
     * @return whether the slot held the expected value; if not, nothing was changed
     * @throws InvalidHandleException if {@code expected} does not name a live block
     * @throws IllegalArgumentException if it is no slot of this pool, or the value would not change
     * @throws TransactionException if a running transaction, or an operation on another slot, has named the slot or the block,
     *     or a transaction of this thread is running
     */
    boolean unlinkAndFree(long slot, long expected, long next);

    /**
     * Puts a reserved block in the place of the one a slot names and frees that, as one; as {@link #publishTo} and
     * {@link #unlinkAndFree} together. The lines of the content and 5 more; 2 fences for a link, 3 for an ordinary slot.
     *
     * @param slot a value of {@link #slot}, {@link #link} or {@link #rootSlot}
     * @param expected the block to be freed, which the slot must hold
     * @param handle a reserved block
     * @return whether the slot held the expected value; if not, nothing was changed and the block is still reserved
     * @throws InvalidHandleException if {@code expected} does not name a live block, or {@code handle} no reserved one
     * @throws IllegalArgumentException if it is no slot of this pool
     * @throws TransactionException as {@link #unlinkAndFree}
     */
    boolean replace(long slot, long expected, long handle);

    /**
     * Resizes the block a slot names by moving it: reserves a block, copies what fits, and {@linkplain #replace replaces} the
     * old one. Others must not change the block meanwhile.
     *
     * @return the new handle, or {@link Handles#NONE} if the slot did not hold {@code expected}; nothing was changed then
     * @throws IllegalArgumentException if {@code bytes < 1} or it is no slot of this pool
     * @throws InvalidHandleException if {@code expected} does not name a live block
     * @throws OutOfSpaceException if no contiguous room is left; nothing was changed
     * @throws TransactionException as {@link #unlinkAndFree}
     */
    default long move(long slot, long expected, long bytes) {
        MemorySegment old = segment(expected);
        long handle = reserve(bytes);
        MemorySegment.copy(old, 0, segment(handle), 0, Math.min(bytes, old.byteSize()));
        try {
            if (replace(slot, expected, handle)) {
                return handle;
            }
        } catch (InvalidHandleException | TransactionException | IllegalArgumentException refused) {
            cancel(handle);
            throw refused;
        }
        cancel(handle);
        return Handles.NONE;
    }

    /**
     * Resizes a block in place if its room allows. A block that needs no other length is left as it is, and nothing is written. One
     * that is larger than its policy would make it now gives its end back: those of whole pages, and with {@code buddy} all; one that
     * is too small takes in the free space right behind it. Either is durable at return: 1 line and 1 fence. A crash during the call
     * leaves one of the two sizes, and the content of what both have. What a block takes in holds whatever the memory held.
     *
     * @param bytes new size, at least 1
     * @return whether the block now holds {@code bytes}; if not, it is unchanged: {@link #move} it, or do so in a
     *     {@link #transaction}
     * @throws IllegalArgumentException if {@code bytes < 1}
     * @throws InvalidHandleException if the handle does not name a live block
     * @throws TransactionException if the block would have to become another size and a running transaction, or an operation that
     *     changes the slot which names it, has named it; nothing was changed
     */
    boolean reallocate(long handle, long bytes);

    /**
     * The bytes of a live or reserved block, bounded by {@link #usableBytes}. The segment becomes inaccessible when the pool
     * is closed; using it after its block was freed is an error the pool can't see.
     *
     * @throws InvalidHandleException if the handle does not name a live or reserved block
     */
    MemorySegment segment(long handle);

    /**
     * How many bytes from the block's start belong to it, at least what was asked for.
     *
     * @throws InvalidHandleException if the handle does not name a live or reserved block
     */
    long usableBytes(long handle);

    /** Whether the handle names a live block now. Any value is allowed. */
    boolean isLive(long handle);

    /**
     * Makes bytes of a block durable: their lines and one fence.
     *
     * @param offset first byte, from the block's start
     * @param bytes how many, 0 allowed
     * @throws IndexOutOfBoundsException if the range is not inside the block
     * @throws InvalidHandleException if the handle does not name a live or reserved block
     */
    void persist(long handle, long offset, long bytes);

    /** Starts moving bytes of a block to media, to be completed by this thread's {@link #fence}; as {@link #persist}. */
    void writeBack(long handle, long offset, long bytes);

    /** Waits until every line this thread has {@linkplain #writeBack written back} is durable. */
    void fence();

    /**
     * Makes every allocate, free, publish and batch call that returned before this call durable, those of other threads
     * included; content that was not written by {@link #publish} needs {@link #persist}. Several callers share one flush. Does
     * nothing unless the pool was opened with {@link PoolOptions#groupCommit}.
     *
     * <p>With group commit a crash may undo any subset of those calls that returned after the beginning of the last completed
     * flush, whatever their order; each is found wholly done or wholly undone, no block is found twice, and the content of a
     * block that comes back is untouched, since nothing freed is handed out again before its free is durable. Transactions,
     * roots and the calls on slots are durable at return as ever. A block they link may itself be undone if its allocation was
     * not yet flushed: reserve such blocks and publish them by these calls.
     *
     * @throws PoolIoException if the flush failed; no later flush is tried, and no further promise is made
     */
    void sync();

    /**
     * Opens an access of the calling thread's own: the fastest way to allocate and free. In a pool with {@link #numaNodes} its
     * blocks are of the node that the thread runs on now, as long as there is room.
     *
     * {@snippet :
     * try (PoolAccess access = pool.access()) {
     *     long handle = access.allocate(200);
     *     access.free(handle);
     * }
     * }
     *
     * @throws IllegalStateException if as many are open as {@link PoolOptions#accessLimit} allows
     */
    PoolAccess access();

    /**
     * Runs the body and makes all changes it asked for, atomically and durably: 3 fences however many blocks it allocates.
     * If the body throws, nothing has changed. A call inside a body of the same thread becomes a part of that transaction: it
     * commits with it, and if the inner body throws, the outer one cannot commit any more.
     *
     * @throws TransactionException if the changes do not fit a log lane, name something another transaction or a call on a
     *     slot has named, or the body of a nested call has thrown; nothing was changed
     */
    void transaction(Consumer<? super Transaction> body);

    /**
     * The handle stored under a name, {@link Handles#NONE} if there is none.
     *
     * @throws IllegalArgumentException if the name is empty or longer than 255 bytes of UTF-8
     */
    long root(String name);

    /**
     * Stores a handle under a name, atomically and durably; {@link Handles#NONE} removes the name. The pool does not check
     * that the handle names a block, and neither allocates nor frees: {@link #rootSlot} is for that.
     *
     * @throws IllegalArgumentException if the name is empty or longer than 255 bytes of UTF-8
     * @throws OutOfSpaceException if the table of roots is full; {@link PoolOptions#roots} sets its size at creation
     */
    void setRoot(String name, long handle);

    /** All names and their handles, a copy in the order of the names. */
    Map<String, Long> roots();

    /**
     * Visits every live block once, in no stated order. Blocks allocated or freed by others during the walk may or may not be
     * seen.
     */
    void forEachBlock(BlockVisitor visitor);

    /** The pool's figures now. Costs a pass over volatile summaries, not over blocks. */
    PoolStats stats();

    /** Bytes taken from the free space now, as {@link PoolStats#usedBytes}; cheap enough to call after every operation. */
    long usedBytes();

    /** What completed operations survive. */
    Durability durability();

    /** What this open found and did. */
    RecoveryReport recovery();

    /** Id and parameters of the pool's policy, for example {@code bitmap {arenaBytes=16384}}. */
    String policy();

    /**
     * Checks superblocks, log, roots and all policy structures against each other, reading only. Other threads must not
     * change the pool meanwhile. A root that names no live block is a warning, {@link Finding#DANGLING_ROOT}: the application
     * may have stored it so.
     *
     * @return what is wrong; empty if nothing is
     */
    List<Finding> verify();

    /**
     * Finds the live blocks that no root leads to. Other threads must not change the pool meanwhile. Takes at most
     * 25 bytes of memory a live block and 32 more a leaked one, whatever the shape of the references; no recursion. For pools
     * of fewer than 2^30 live blocks.
     *
     * <p>A list whose nodes hold the handle of the next one in their first word:
     *
     * {@snippet :
     * AuditReport audit = pool.audit((from, handle, references) ->
     *         references.accept(from.segment(handle).get(ValueLayout.JAVA_LONG, 0)));
     * audit.forEachLeakedBlock((handle, usableBytes) -> pool.free(handle));
     * }
     *
     * @param visitor tells which blocks a block refers to
     */
    AuditReport audit(ReferenceVisitor visitor);

    /**
     * Makes the pool cleanly closed on media and unmaps it. Reserved blocks become free. A second call does nothing. Calls of
     * other threads that are under way complete or throw {@link PoolClosedException}; none touches an unmapped page.
     */
    @Override
    void close();
}
