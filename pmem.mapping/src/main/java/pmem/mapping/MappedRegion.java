package pmem.mapping;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import pmem.api.Durability;
import pmem.api.PoolIoException;
import pmem.spi.NodeStretches;
import pmem.spi.PersistPoint;
import pmem.spi.Region;
import pmem.spi.RegionOptions;

/**
 * A region that is mapped: a file, or anonymous memory.
 *
 * <p>One final class for all domains; what write-back and fence do is an int field compared on the way, so every call is
 * bound statically.
 *
 * <h2>Order of stores before a write-back</h2>
 *
 * The processor keeps a write-back instruction behind older stores to the same line. What remains is the compiler: a
 * downcall is opaque to it and stays behind all stores of the program, and the release fence in front (no instruction on
 * x86-64) makes that promise independent of how a downcall is compiled. Stores are release stores even where the caller asks
 * for no order: the compiler or another processor could otherwise swap two stores to one line, whose order on media is part of
 * the contract. On x86-64 that is the same instruction.
 *
 * <h2>Closing</h2>
 *
 * The flag is set first and memory without meaning is mapped over the file next. A fence that finds the flag still clear
 * afterwards has therefore acted on the file; one that finds it set says so instead of acknowledging anything. Late
 * write-backs hit mapped memory because the addresses are given back only when the region is unreachable
 * ({@link AddressRange}).
 */
final class MappedRegion extends Region {
    private static final VarHandle WORD =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle().withInvokeExactBehavior();
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle().withInvokeExactBehavior();
    // All of memory. Of a segment that is a constant nothing is left to check at an access but the offset, which is
    // done here.
    @SuppressWarnings("restricted")
    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int LINE_SHIFT = Integer.numberOfTrailingZeros(LINE_BYTES);

    private final MemorySegment base;
    private final long address;
    private final long maxCapacityBytes;
    // One more than the greatest offset of a word that may be loaded, and of one that may be stored: 0 if none may be,
    // as in a closed
    // region.
    private long loadsEnd;
    private long storesEnd;
    private final int kind;
    private final boolean counting;
    private final PageFlush pageFlush;
    private final LongAdder linesWrittenBack = new LongAdder();
    private final LongAdder fences = new LongAdder();

    private final String name;
    private final Durability durability;
    private final boolean zeroed;
    private final Arena arena;
    // Guarded by the monitor, but for its capacity and for what is known to have blocks.
    private final Backing backing;
    // False if every byte has storage already; spares every reservation a look behind the field above.
    private final boolean sparse;
    private final IntSupplier nodeOfThread;

    // Written under the monitor; read after every fence. pairs with: MappedRegion.requireOpen
    private volatile boolean closed;

    /** Of an arena that holds addresses and file; owns all of it from here on. See {@link MappedRegions}. */
    MappedRegion(
            String name,
            Mechanism mechanism,
            Arena arena,
            MemorySegment base,
            Backing backing,
            boolean zeroed,
            RegionOptions options) {
        this.name = name;
        this.durability = mechanism.durability();
        this.kind = mechanism.kind();
        this.arena = arena;
        this.base = base;
        this.address = base.address();
        this.maxCapacityBytes = base.byteSize();
        this.loadsEnd = maxCapacityBytes - Long.BYTES + 1;
        this.storesEnd = base.isReadOnly() ? 0 : loadsEnd;
        this.backing = backing;
        this.sparse = backing.isSparse();
        this.zeroed = zeroed;
        this.nodeOfThread = options.placement()
                .simulation()
                .orElse(
                        Platform.LINUX && backing.stretches().count() > 1
                                ? Topology.SYSTEM::nodeOfThread
                                : super::nodeOfThread);
        this.counting = options.countPersists();
        long start = address;
        this.pageFlush = new PageFlush(name, (offset, bytes) -> Posix.msync(start + offset, bytes));
    }

    @Override
    public long capacityBytes() {
        return backing.capacityBytes();
    }

    @Override
    public long maxCapacityBytes() {
        return maxCapacityBytes;
    }

    @Override
    public synchronized long grow(PersistPoint point, long capacityBytes) {
        Objects.checkIndex(capacityBytes, maxCapacityBytes + 1);
        requireOpen();
        return backing.grow(capacityBytes);
    }

    @Override
    public boolean isDevice() {
        return backing.isDevice();
    }

    @Override
    public long lengthStepBytes() {
        return backing.lengthStepBytes();
    }

    @Override
    public synchronized void shrink(long capacityBytes) {
        requireOpen();
        backing.shrink(capacityBytes);
    }

    @Override
    public Durability durability() {
        return durability;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isZeroed() {
        return zeroed;
    }

    @Override
    public boolean isTransient() {
        return backing.isTransient();
    }

    // A thread that passes here before the region is closed finds memory without meaning after that, as long as the
    // region is reachable.
    private long loaded(long offset) {
        if (Long.compareUnsigned(offset, loadsEnd) >= 0) {
            throw refusal(offset);
        }
        return address + offset;
    }

    private long stored(long offset) {
        if (Long.compareUnsigned(offset, storesEnd) >= 0) {
            throw refusal(offset);
        }
        return address + offset;
    }

    private long byteLoaded(long offset) {
        loaded(offset & -Long.BYTES);
        return address + offset;
    }

    private long byteStored(long offset) {
        stored(offset & -Long.BYTES);
        return address + offset;
    }

    private RuntimeException refusal(long offset) {
        VarHandle.acquireFence();
        requireOpen();
        Objects.checkIndex(offset, maxCapacityBytes - Long.BYTES + 1);
        return new IllegalArgumentException("region is read-only: pool=" + name + " offset=" + offset);
    }

    @Override
    public long loadPlain(long offset) {
        try {
            return (long) WORD.get(MEMORY, loaded(offset));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public long loadAcquire(long offset) {
        try {
            return (long) WORD.getAcquire(MEMORY, loaded(offset));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void storePlain(long offset, long value) {
        try {
            WORD.setRelease(MEMORY, stored(offset), value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void storeRelease(long offset, long value) {
        try {
            WORD.setRelease(MEMORY, stored(offset), value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public boolean compareAndSet(long offset, long expected, long value) {
        try {
            return WORD.compareAndSet(MEMORY, stored(offset), expected, value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public long getAndBitwiseOr(long offset, long bits) {
        try {
            return (long) WORD.getAndBitwiseOr(MEMORY, stored(offset), bits);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public long getAndBitwiseAnd(long offset, long mask) {
        try {
            return (long) WORD.getAndBitwiseAnd(MEMORY, stored(offset), mask);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    // The processor merges bytes of a line in its cache: a byte store and a locked instruction on the word around it
    // each take
    // effect as a whole, in some order, so neither loses the other's bytes.
    @Override
    public int loadByteAcquire(long offset) {
        try {
            int value = (byte) BYTE.get(MEMORY, byteLoaded(offset));
            VarHandle.acquireFence();
            return value & 0xff;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void storeByteRelease(long offset, int value) {
        try {
            VarHandle.releaseFence();
            BYTE.set(MEMORY, byteStored(offset), (byte) value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    // One look at the bounds for both.
    @Override
    public boolean clearByte(long offset) {
        try {
            long at = byteStored(offset);
            boolean wasSet = (byte) BYTE.get(MEMORY, at) != 0;
            VarHandle.acquireFence();
            if (wasSet) {
                VarHandle.releaseFence();
                BYTE.set(MEMORY, at, (byte) 0);
            }
            return wasSet;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, maxCapacityBytes);
        if (bytes == 0) {
            return;
        }
        if (counting) {
            linesWrittenBack.add(((offset + bytes - 1) >>> LINE_SHIFT) - (offset >>> LINE_SHIFT) + 1);
        }
        if (kind == Mechanism.CACHE_LINES) {
            writeBackLines(offset, bytes);
        } else if (kind == Mechanism.PAGES) {
            pageFlush.writeBack(offset, bytes);
        }
    }

    private void writeBackLines(long offset, long bytes) {
        try {
            VarHandle.releaseFence();
            CacheLines.writeBack(address + offset, bytes);
        } finally {
            // The addresses must not be given back while the machine code runs.
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void fence(PersistPoint point) {
        if (counting) {
            fences.increment();
        }
        if (kind == Mechanism.CACHE_LINES) {
            VarHandle.releaseFence();
            CacheLines.fence();
        } else {
            fenceOtherwise();
        }
        requireOpen();
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        Objects.checkIndex(offset, maxCapacityBytes);
        if (counting) {
            linesWrittenBack.increment();
            fences.increment();
        }
        if (kind == Mechanism.CACHE_LINES) {
            VarHandle.releaseFence();
            CacheLines.writeBackLineAndFence(address + offset);
        } else if (kind == Mechanism.PAGES) {
            pageFlush.writeBack(offset, 1);
            pageFlush.fence();
        } else {
            fenceOtherwise();
        }
        requireOpen();
    }

    @Override
    public void storeAloneAndFence(PersistPoint point, long offset, long value) {
        if (kind != Mechanism.CACHE_LINES || !CacheLines.STORES_PAST_CACHE) {
            super.storeAloneAndFence(point, offset, value);
            return;
        }
        Objects.checkIndex(offset, maxCapacityBytes);
        if (counting) {
            linesWrittenBack.increment();
            fences.increment();
        }
        // A store past the cache keeps no order with others: what must be on media before it was fenced before. The
        // release fence keeps the compiler from delaying those.
        VarHandle.releaseFence();
        CacheLines.storeAndFence(address + offset, value);
        requireOpen();
    }

    private void fenceOtherwise() {
        switch (kind) {
            case Mechanism.PAGES -> pageFlush.fence();
            case Mechanism.STORE_FENCE -> VarHandle.fullFence();
            // A killed process loses no store that the processor has executed; the compiler must not delay one.
            case Mechanism.STORE_ORDER -> VarHandle.releaseFence();
            default -> {}
        }
    }

    // pairs with: MappedRegion.close. Also keeps the region reachable while machine code runs.
    private void requireOpen() {
        if (closed) {
            throw alreadyClosed();
        }
    }

    private IllegalStateException alreadyClosed() {
        return new IllegalStateException(
                "region is closed: pool=" + name + "; whether the last stores were kept is unknown");
    }

    @Override
    public synchronized long[] usedRanges(long offset, long endOffset) {
        Objects.checkFromToIndex(offset, endOffset, maxCapacityBytes);
        requireOpen();
        return backing.usedRanges(offset, endOffset).orElseGet(() -> super.usedRanges(offset, endOffset));
    }

    // One check and one copy for all words.
    @Override
    public void loadAll(long offset, long[] into, int count) {
        MemorySegment.copy(base, LITTLE_ENDIAN_LONG, offset, into, 0, count);
    }

    // A page fault maps 16 pages around the place, which costs ten times the system call.
    @Override
    public synchronized void loadOnce(long offset, long[] into) {
        requireOpen();
        if (!backing.read(offset, into)) {
            super.loadOnce(offset, into);
        }
    }

    @Override
    public boolean ensureBacked(long offset, long bytes) {
        return !sparse || bytes == 0 || giveBlocks(offset, bytes);
    }

    private boolean giveBlocks(long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, maxCapacityBytes);
        if (backing.isBacked(offset, bytes)) {
            return true;
        }
        synchronized (this) {
            requireOpen();
            return backing.giveBlocks(offset, bytes);
        }
    }

    @Override
    public long storageStepBytes() {
        return backing.stepBytes();
    }

    @Override
    public synchronized long releaseStorage(long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, maxCapacityBytes);
        requireOpen();
        return backing.release(offset, bytes);
    }

    @Override
    public synchronized int[] pageNodes(long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, maxCapacityBytes);
        requireOpen();
        return backing.nodes(offset, bytes).orElseGet(() -> super.pageNodes(offset, bytes));
    }

    @Override
    public NodeStretches nodes() {
        return backing.stretches();
    }

    @Override
    public int nodeOfThread() {
        return nodeOfThread.getAsInt();
    }

    @Override
    public MemorySegment slice(long offset, long bytes) {
        return base.asSlice(offset, bytes);
    }

    // Addresses and lock stay for as long as the arena is open, since the cleanup refers to them.
    @Override
    @SuppressWarnings("restricted")
    public MemorySegment view(Arena lifetime) {
        return backing.range()
                .map(addresses -> base.reinterpret(lifetime, new MappedRegions.Keeping(addresses, backing.file())))
                .orElse(base);
    }

    @Override
    public boolean fenceOthers() {
        return ProcessFence.pass();
    }

    @Override
    public long linesWrittenBack() {
        return linesWrittenBack.sum();
    }

    @Override
    public long fences() {
        return fences.sum();
    }

    @Override
    public synchronized void publishCreated() {
        requireOpen();
        backing.publish();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        // Who is refused by these sees the flag. pairs with: refusal
        VarHandle.releaseFence();
        loadsEnd = 0;
        storesEnd = 0;
        try {
            finalFlush();
        } finally {
            backing.mapAway();
            closeArena();
            backing.close();
        }
    }

    /** @throws PoolIoException if the system could not move the rest to the device */
    private void finalFlush() {
        if (!backing.isPublished()) {
            return;
        }
        if (kind == Mechanism.PAGES) {
            pageFlush.flush(0, backing.capacityBytes());
        } else if (kind == Mechanism.CACHE_LINES) {
            CacheLines.fence();
        } else {
            fenceOtherwise();
        }
    }

    private void closeArena() {
        try {
            arena.close();
        } catch (IllegalStateException inUse) {
            // A native call of the application has a slice in use. Its bytes are memory without meaning by now, and the
            // addresses stay until it is done, so there is nothing to wait for.
            return;
        }
    }
}
