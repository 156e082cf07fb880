package pmem.mapping;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import pmem.api.Durability;
import pmem.api.PoolIoException;
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
    private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long LOAD_ONCE_BYTES_MAX = 4096;
    private static final int LINE_SHIFT = Integer.numberOfTrailingZeros(LINE_BYTES);

    private final MemorySegment base;
    private final long address;
    private final long capacityBytes;
    private final int kind;
    private final boolean counting;
    private final PageFlush pageFlush;
    private final LongAdder linesWrittenBack = new LongAdder();
    private final LongAdder fences = new LongAdder();

    private final String name;
    private final Durability durability;
    private final boolean zeroed;
    private final Arena arena;
    private final Optional<AddressRange> range;
    private final Optional<PoolFile> file;
    // False if every byte has storage already; spares every reservation a look behind the next field.
    private final boolean sparse;
    private final Optional<BackedSteps> backedSteps;

    // Guarded by the monitor.
    private MemorySegment loadBuffer = MemorySegment.NULL;

    // Written under the monitor; read after every fence. pairs with: MappedRegion.requireOpen
    private volatile boolean closed;

    private MappedRegion(
            String name,
            Mechanism mechanism,
            Arena arena,
            MemorySegment base,
            Optional<AddressRange> range,
            Optional<PoolFile> file,
            boolean zeroed,
            RegionOptions options) {
        this.name = name;
        this.durability = mechanism.durability();
        this.kind = mechanism.kind();
        this.arena = arena;
        this.base = base;
        this.address = base.address();
        this.capacityBytes = base.byteSize();
        this.range = range;
        this.file = file;
        this.zeroed = zeroed;
        this.counting = options.countPersists();
        this.backedSteps = options.preallocate()
                ? Optional.empty()
                : file.filter(found -> !found.isDevice()).map(sparse -> new BackedSteps(sparse, name));
        this.sparse = backedSteps.isPresent();
        long start = address;
        this.pageFlush = new PageFlush(name, (offset, bytes) -> Posix.msync(start + offset, bytes));
    }

    /** A region of mapped addresses; owns both from here on. */
    static MappedRegion mapped(
            String name,
            Mechanism mechanism,
            AddressRange range,
            Optional<PoolFile> file,
            boolean zeroed,
            RegionOptions options) {
        Arena arena = Arena.ofShared();
        MemorySegment base = Posix.view(range.address(), range.bytes(), arena, new Keeping(range, file));
        return new MappedRegion(name, mechanism, arena, base, Optional.of(range), file, zeroed, options);
    }

    /** A region of addresses mapped to be read; every store throws. Owns both from here on. */
    static MappedRegion readOnly(String name, AddressRange range, PoolFile file) {
        Arena arena = Arena.ofShared();
        Keeping keeping = new Keeping(range, Optional.of(file));
        MemorySegment base =
                Posix.view(range.address(), range.bytes(), arena, keeping).asReadOnly();
        return new MappedRegion(
                name,
                Mechanism.inMemory(),
                arena,
                base,
                Optional.of(range),
                Optional.of(file),
                false,
                RegionOptions.defaults());
    }

    /** A region of memory from the JDK, for systems whose own calls this module does not know. */
    static MappedRegion allocated(String name, long bytes, RegionOptions options) {
        Arena arena = Arena.ofShared();
        MemorySegment base = arena.allocate(bytes, AddressRange.ALIGNMENT_BYTES);
        return new MappedRegion(
                name, Mechanism.inMemory(), arena, base, Optional.empty(), Optional.empty(), true, options);
    }

    @Override
    public long capacityBytes() {
        return capacityBytes;
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
        return file.isEmpty();
    }

    @Override
    public long loadPlain(long offset) {
        return (long) WORD.get(base, offset);
    }

    @Override
    public long loadAcquire(long offset) {
        return (long) WORD.getAcquire(base, offset);
    }

    @Override
    public void storePlain(long offset, long value) {
        WORD.setRelease(base, offset, value);
    }

    @Override
    public void storeRelease(long offset, long value) {
        WORD.setRelease(base, offset, value);
    }

    @Override
    public boolean compareAndSet(long offset, long expected, long value) {
        return WORD.compareAndSet(base, offset, expected, value);
    }

    @Override
    public long getAndBitwiseOr(long offset, long bits) {
        return (long) WORD.getAndBitwiseOr(base, offset, bits);
    }

    @Override
    public long getAndBitwiseAnd(long offset, long mask) {
        return (long) WORD.getAndBitwiseAnd(base, offset, mask);
    }

    // The processor merges bytes of a line in its cache: a byte store and a locked instruction on the word around it
    // each take
    // effect as a whole, in some order, so neither loses the other's bytes.
    @Override
    public int loadByteAcquire(long offset) {
        int value = (byte) BYTE.get(base, offset);
        VarHandle.acquireFence();
        return value & 0xff;
    }

    @Override
    public void storeByteRelease(long offset, int value) {
        VarHandle.releaseFence();
        BYTE.set(base, offset, (byte) value);
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, capacityBytes);
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
        Objects.checkIndex(offset, capacityBytes);
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
        Objects.checkFromToIndex(offset, endOffset, capacityBytes);
        requireOpen();
        return file.filter(PoolFile::tellsHoles)
                .map(telling -> Holes.usedRanges(telling.descriptor(), offset, endOffset))
                .orElseGet(() -> super.usedRanges(offset, endOffset));
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
        long bytes = (long) into.length * Long.BYTES;
        // The file knows nothing of stores to a private mapping.
        if (file.filter(found -> !found.isDevice()).isEmpty()
                || kind == Mechanism.NOTHING
                || bytes > LOAD_ONCE_BYTES_MAX) {
            super.loadOnce(offset, into);
            return;
        }
        if (loadBuffer.byteSize() == 0) {
            loadBuffer = Arena.ofAuto().allocate(LOAD_ONCE_BYTES_MAX, LINE_BYTES);
        }
        MemorySegment buffer = loadBuffer.asSlice(0, bytes);
        if (Posix.read(file.get().descriptor(), offset, buffer) != bytes) {
            super.loadOnce(offset, into);
            return;
        }
        MemorySegment.copy(buffer, LITTLE_ENDIAN_LONG, 0, into, 0, into.length);
    }

    @Override
    public boolean ensureBacked(long offset, long bytes) {
        return !sparse || bytes == 0 || ensureBacked(backedSteps.orElseThrow(), offset, bytes);
    }

    private boolean ensureBacked(BackedSteps steps, long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, capacityBytes);
        if (steps.has(offset, bytes)) {
            return true;
        }
        synchronized (this) {
            requireOpen();
            return steps.give(offset, bytes);
        }
    }

    @Override
    public synchronized int[] pageNodes(long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, capacityBytes);
        requireOpen();
        return range.isPresent() ? MemoryCalls.nodes(address + offset, bytes) : super.pageNodes(offset, bytes);
    }

    @Override
    public MemorySegment slice(long offset, long bytes) {
        return base.asSlice(offset, bytes);
    }

    // Addresses and lock stay for as long as the arena is open, since the cleanup refers to them.
    @Override
    @SuppressWarnings("restricted")
    public MemorySegment view(Arena lifetime) {
        return range.map(addresses -> base.reinterpret(lifetime, new Keeping(addresses, file)))
                .orElse(base);
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
        file.ifPresent(PoolFile::publish);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            finalFlush();
        } finally {
            // If even this is refused, the file stays mapped: late stores then hit a file nobody acknowledges, never a
            // hole.
            range.ifPresent(AddressRange::mapMemory);
            closeArena();
            file.ifPresent(PoolFile::close);
        }
    }

    /** @throws PoolIoException if the system could not move the rest to the device */
    private void finalFlush() {
        if (file.filter(PoolFile::isPublished).isEmpty()) {
            return;
        }
        if (kind == Mechanism.PAGES) {
            pageFlush.flush(0, capacityBytes);
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

    /**
     * What an open arena holds, so that a slice keeps addresses and lock even if the region itself is forgotten unclosed.
     */
    private record Keeping(AddressRange range, Optional<PoolFile> file) implements Consumer<MemorySegment> {
        @Override
        public void accept(MemorySegment closed) {
            // Being referred to until now was all it was for.
        }
    }
}
