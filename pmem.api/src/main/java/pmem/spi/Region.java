package pmem.spi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import pmem.api.Durability;

/**
 * The mapped bytes of a pool: the one seam through which all metadata is read, written and made durable.
 *
 * <p>Words are 8 bytes, little-endian, at offsets that are multiples of 8. The name of each access spells its memory order.
 * Stores to one 64-byte line reach media in the order they were made; stores to different lines reach media in any order,
 * at any time after they were made, unless ordered by {@link #writeBack} and {@link #fence}. A fence completes the
 * write-backs of its own thread only.
 *
 * <p>An abstract class rather than an interface, so that with one implementation loaded the JIT binds calls statically.
 *
 * <p>After {@link #close()} every access throws {@link IllegalStateException} or acts on memory without meaning; none faults.
 */
public abstract class Region implements AutoCloseable {
    /** Bytes that move to media together. */
    public static final int LINE_BYTES = 64;

    private static final int BYTE_MASK = 0xff;

    /** For implementations. */
    protected Region() {}

    /** Size of the region in bytes. */
    public abstract long capacityBytes();

    /** Largest size the region can {@linkplain #grow grow} to without moving; its size if it can't. */
    public long maxCapacityBytes() {
        return capacityBytes();
    }

    /** Whether the region is a device, whose length no pool has chosen; one that is longer than its pool is nothing to remark on. */
    public boolean isDevice() {
        return false;
    }

    /** What a completed fence survives here. */
    public abstract Durability durability();

    /** A name for messages: the path, or {@code volatile}. */
    public abstract String name();

    /** Whether a region that was just created reads as zero everywhere. */
    public abstract boolean isZeroed();

    /** Whether the content goes when the region is closed, so that nobody ever opens it again. */
    public boolean isTransient() {
        return false;
    }

    /** Loads a word without order; for words that no other thread changes now. */
    public abstract long loadPlain(long offset);

    /** Loads a word with acquire order. */
    public abstract long loadAcquire(long offset);

    /** Stores a word for other threads that synchronise elsewhere; keeps the order within its line. */
    public abstract void storePlain(long offset, long value);

    /** Stores a word with release order. */
    public abstract void storeRelease(long offset, long value);

    /** Sets a word if it has the expected value; full order on success. */
    public abstract boolean compareAndSet(long offset, long expected, long value);

    /** Sets bits of a word and returns its old value; full order. */
    public abstract long getAndBitwiseOr(long offset, long bits);

    /** Clears the bits of a word that are 0 in the mask and returns its old value; full order. */
    public abstract long getAndBitwiseAnd(long offset, long mask);

    /** Loads one byte with acquire order, zero-extended. */
    public int loadByteAcquire(long offset) {
        return (int) (loadAcquire(offset & -Long.BYTES) >>> byteShift(offset)) & BYTE_MASK;
    }

    /**
     * Stores one byte with release order. Stores of other threads to other bytes of the word are not lost, whether they store a
     * byte or compare and set the word.
     *
     * @param value its low 8 bits are stored
     */
    public void storeByteRelease(long offset, int value) {
        long wordOffset = offset & -Long.BYTES;
        long mask = (long) BYTE_MASK << byteShift(offset);
        long bits = (long) (value & BYTE_MASK) << byteShift(offset);
        long word = loadAcquire(wordOffset);
        while (!compareAndSet(wordOffset, word, (word & ~mask) | bits)) {
            word = loadAcquire(wordOffset);
        }
    }

    /**
     * Sets one byte to 0 and says whether it had another value; acquire and release order. No locked instruction: of several threads
     * that do this to one byte at the same moment each may hear that it had.
     */
    public boolean clearByte(long offset) {
        boolean wasSet = loadByteAcquire(offset) != 0;
        if (wasSet) {
            storeByteRelease(offset, 0);
        }
        return wasSet;
    }

    private static int byteShift(long offset) {
        return (int) (offset & (Long.BYTES - 1)) << 3;
    }

    /** Starts moving every line that the range touches to media. */
    public abstract void writeBack(PersistPoint point, long offset, long bytes);

    /**
     * Waits until every line this thread has written back is on media.
     *
     * @throws pmem.api.PoolIoException if the system failed to move them; every later fence then throws too
     */
    public abstract void fence(PersistPoint point);

    /** {@link #writeBack} of the one line that holds the word at {@code offset}, then {@link #fence}; errors as there. */
    public abstract void writeBackAndFence(PersistPoint point, long offset);

    /**
     * Stores a word and waits until it is on media, with every line this thread has written back: {@link #storeRelease} and {@link
     * #writeBackAndFence}, or something faster that goes past the cache. Only for a word that has its line to itself: such a store
     * keeps no order with others to the same line.
     */
    public void storeAloneAndFence(PersistPoint point, long offset, long value) {
        storeRelease(offset, value);
        writeBackAndFence(point, offset);
    }

    /**
     * Names a moment at which a volatile structure that threads share changes hands without an access to the region. Does
     * nothing; a region that runs threads in a chosen order stops the caller here, also if it holds a lock, as it does at every
     * access. A call of the method as it stands here costs nothing once compiled.
     *
     * @param place a constant, dotted and lower-case, for example {@code bitmap.place-taken}; it ends in {@code -awaited} if the caller
     *     spins there until another thread goes on
     */
    public void step(String place) {}

    /**
     * Makes every other thread of the process pass a full fence between two of its instructions before this call returns, so that who rarely
     * looks pays for the fence of who often stores. It takes microseconds.
     *
     * @return whether that was done; always the same answer
     */
    public boolean fenceOthers() {
        return false;
    }

    /**
     * The ranges that may hold anything but zeros, of those that were written before the call: all other words of the given
     * range read as 0 and are 0 on media, or are being written now. What a file system keeps no block for is known to be zero without a look at
     * it, so a scan of these ranges costs as much as there is, not as much as there could be.
     *
     * @param offset a multiple of 8
     * @param endOffset a multiple of 8, at least {@code offset}
     * @return start and end of each range in turn, multiples of 8, ascending and apart
     */
    public long[] usedRanges(long offset, long endOffset) {
        return offset == endOffset ? new long[0] : new long[] {offset, endOffset};
    }

    /**
     * Loads words that stand side by side without order, as {@link #loadPlain} does for each; for scans.
     *
     * @param into receives {@code count} words from {@code offset} on
     */
    public void loadAll(long offset, long[] into, int count) {
        for (int i = 0; i < count; i++) {
            into[i] = loadPlain(offset + (long) i * Long.BYTES);
        }
    }

    /**
     * Loads words without order, as {@link #loadPlain} does, for a single look at words far apart: the system need not map
     * their pages. A word that others change meanwhile may be torn between its bytes.
     *
     * @param into receives the words from {@code offset} on, as many as it has room for
     */
    public void loadOnce(long offset, long[] into) {
        loadAll(offset, into, into.length);
    }

    /**
     * Sees to it that a range has storage of its own, so that no access to it can fail for want of it. Only regions whose storage
     * comes as it is needed, or was {@linkplain #releaseStorage given back}, have anything to do. The fence after a store to the range covers the storage too.
     *
     * @return whether the range has; if not, the system has no storage left
     */
    public boolean ensureBacked(long offset, long bytes) {
        return true;
    }

    /**
     * Makes the region longer without moving it, while others use it. At return the new length is on media: a crash never shows a
     * shorter one. Before that it may show either. The new bytes read as zero unless the medium was longer already, and have
     * storage where the region's storage does not come as it is needed. At a failure the region is as it was.
     *
     * @param point why the length must be durable
     * @param capacityBytes a multiple of 4096, at most {@link #maxCapacityBytes}; nothing is cut off if there is more already
     * @return the size now, at least as large
     * @throws pmem.api.OutOfSpaceException if the system has no storage for it
     * @throws pmem.api.PoolIoException if the system refuses for another reason
     */
    public long grow(PersistPoint point, long capacityBytes) {
        if (capacityBytes > capacityBytes()) {
            throw new UnsupportedOperationException("region cannot grow: region=" + name());
        }
        return capacityBytes();
    }

    /**
     * What {@link #shrink} works in: it makes a region as long as a multiple of this.
     *
     * @return bytes, a power of two of at least 4096; 0 if the region cannot become shorter
     */
    public long lengthStepBytes() {
        return 0;
    }

    /**
     * Makes the region shorter while others use what stays; {@link #grow} makes it longer again. Nobody may rely on what is cut off:
     * an access there finds memory without meaning. A crash may show either length until the next {@link #grow} has returned, so
     * nothing on media may need the cut-off part when this is called.
     *
     * @param capacityBytes a multiple of {@link #lengthStepBytes}, at least one; nothing changes if there is no more
     * @throws pmem.api.PoolIoException if the system refuses; the medium may be longer than the region then, which another call mends
     */
    public void shrink(long capacityBytes) {
        throw new UnsupportedOperationException("region cannot shrink: region=" + name());
    }

    /**
     * What {@link #releaseStorage} works in: it gives back whole multiples of this, at multiples of it.
     *
     * @return bytes; 0 if the region keeps all the storage it has
     */
    public long storageStepBytes() {
        return 0;
    }

    /**
     * Gives the storage of a range back to the system, as far as whole steps lie in it. From this call until {@link #ensureBacked}
     * has returned true for it nobody may touch the range: without storage an access to it may kill the process. Its content is
     * lost, now or later.
     *
     * @return bytes that the system got
     */
    public long releaseStorage(long offset, long bytes) {
        return 0;
    }

    /**
     * The NUMA node that each page of 4096 bytes of a range is on, negative where that is not known or the page was never
     * touched; empty where the system cannot be asked.
     */
    public int[] pageNodes(long offset, long bytes) {
        return new int[0];
    }

    /** How the region is divided among NUMA nodes, now and when it has grown. */
    public NodeStretches nodes() {
        return NodeStretches.NONE;
    }

    /** Number of the NUMA node that the calling thread runs on at the moment, negative if that is not known. */
    public int nodeOfThread() {
        return -1;
    }

    /** A bounded view of payload bytes; becomes inaccessible when the region is closed. */
    public abstract MemorySegment slice(long offset, long bytes);

    /**
     * A view of all bytes that becomes inaccessible when an arena is closed. Unlike {@link #slice} it need not become so when
     * the region is closed: then it may show memory without meaning. A region that can't bind memory to an arena gives a slice.
     */
    public MemorySegment view(Arena lifetime) {
        return slice(0, capacityBytes());
    }

    /** Cache lines written back so far; 0 unless counting was asked for. */
    public abstract long linesWrittenBack();

    /** Fences so far; 0 unless counting was asked for. */
    public abstract long fences();

    /**
     * Gives a region that {@link RegionProvider#create} made its name, atomically and durably: after a crash the name shows
     * either the complete region as it was at this call, or what it showed before. Does nothing for other regions.
     */
    public abstract void publishCreated();

    /** Unmaps the region and gives its lock back; a created region that was not published vanishes. */
    @Override
    public abstract void close();
}
