package pmem.mapping;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import pmem.api.OutOfSpaceException;
import pmem.api.PoolIoException;
import pmem.spi.NodeStretches;
import pmem.spi.RegionOptions;

/**
 * What lies behind the addresses of a region: a file or memory, how long it is, and which of its blocks are there. All methods but
 * {@link #capacityBytes} and {@link #isBacked} need the region's lock, so that the descriptor is not closed meanwhile.
 *
 * <p>Addresses after the end are mapped to memory without meaning until the region grows over them, so that a stray access there
 * finds zeros and does not kill the process.
 */
final class Backing {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long READ_BYTES_MAX = 4096;

    private final String name;
    private final Mechanism mechanism;
    private final RegionOptions options;
    private final Optional<AddressRange> range;
    private final Optional<PoolFile> file;
    // Empty if every byte has storage already.
    private final Optional<BackedSteps> backedSteps;
    private MemorySegment readBuffer = MemorySegment.NULL;
    // Of the capacity there was at first: what comes later goes on with the pattern.
    private final NodeStretches stretches;
    private volatile long capacityBytes;

    Backing(
            String name,
            Mechanism mechanism,
            long capacityBytes,
            Optional<AddressRange> range,
            Optional<PoolFile> file,
            RegionOptions options) {
        this.name = name;
        this.mechanism = mechanism;
        this.capacityBytes = capacityBytes;
        this.range = range;
        this.file = file;
        this.options = options;
        stretches = NodeStretches.over(options.placement().numaNodes(), capacityBytes);
        long maxBytes = range.map(AddressRange::bytes).orElse(capacityBytes);
        backedSteps = options.preallocate()
                ? Optional.empty()
                : file.filter(found -> !found.isDevice()).map(sparse -> new BackedSteps(sparse, maxBytes, name));
    }

    long capacityBytes() {
        return capacityBytes;
    }

    /** Which NUMA node each byte belongs to. */
    NodeStretches stretches() {
        return stretches;
    }

    /** Whether it is gone when the region is closed. */
    boolean isTransient() {
        return file.isEmpty();
    }

    /** Whether blocks come as they are needed. */
    boolean isSparse() {
        return backedSteps.isPresent();
    }

    /** Whether all of a range of at least one byte is known to have blocks. */
    boolean isBacked(long offset, long bytes) {
        return backedSteps.isEmpty() || backedSteps.get().has(offset, bytes);
    }

    /** Gives a range blocks; says whether there were enough. */
    boolean giveBlocks(long offset, long bytes) {
        return backedSteps.isEmpty() || backedSteps.get().give(offset, bytes);
    }

    /** What storage is given back in; 0 if all of it is kept. */
    long stepBytes() {
        return isSparse() || (isTransient() && range.isPresent()) ? 1L << BackedSteps.STEP_SHIFT : 0;
    }

    /** Gives the storage of whole steps back; returns how many bytes. */
    long release(long offset, long bytes) {
        if (isSparse()) {
            return backedSteps.orElseThrow().take(offset, bytes);
        }
        long step = stepBytes();
        long start = step == 0 ? 0 : (offset + step - 1) & -step;
        long end = (offset + bytes) & -step;
        // Anonymous pages come again, as zeros, when they are touched.
        boolean given = start < end
                && MemoryCalls.advise(range.orElseThrow().address() + start, end - start, MemoryCalls.MADV_DONTNEED)
                        == 0;
        return given ? end - start : 0;
    }

    /** The ranges of the file that are no holes; empty if it doesn't tell. */
    Optional<long[]> usedRanges(long offset, long endOffset) {
        return file.filter(PoolFile::tellsHoles)
                .map(telling -> Holes.usedRanges(telling.descriptor(), offset, endOffset));
    }

    /** Reads words from the file; says whether that is possible. */
    boolean read(long offset, long[] into) {
        long bytes = (long) into.length * Long.BYTES;
        // The file knows nothing of stores to a private mapping.
        if (file.filter(found -> !found.isDevice()).isEmpty()
                || mechanism.kind() == Mechanism.NOTHING
                || bytes > READ_BYTES_MAX) {
            return false;
        }
        if (readBuffer.byteSize() == 0) {
            readBuffer = Arena.ofAuto().allocate(READ_BYTES_MAX, Long.BYTES);
        }
        MemorySegment buffer = readBuffer.asSlice(0, bytes);
        if (Posix.read(file.get().descriptor(), offset, buffer) != bytes) {
            return false;
        }
        MemorySegment.copy(buffer, WORD, 0, into, 0, into.length);
        return true;
    }

    /** The nodes of a range's pages; empty if it is not in pages the system knows. */
    Optional<int[]> nodes(long offset, long bytes) {
        return range.map(addresses -> MemoryCalls.nodes(addresses.address() + offset, bytes));
    }

    /** As {@link pmem.spi.Region#grow}. */
    long grow(long wantedBytes) {
        long before = capacityBytes;
        long maxBytes = range.map(AddressRange::bytes).orElse(before);
        long bytes = Math.max(before, Math.min(maxBytes, MappingProvider.rounded(wantedBytes)));
        if (file.isPresent()) {
            growFile(file.get(), before, bytes);
        } else if (bytes > before) {
            placeFrom(before, bytes);
        }
        capacityBytes = bytes;
        return bytes;
    }

    // A region may be as long as is wanted and owe it to a growth whose crash left the length behind, not yet on media.
    private void growFile(PoolFile growing, long before, long bytes) {
        int result = growing.lengthen(bytes, options.preallocate());
        if (result == 0 && bytes > before) {
            backedSteps.ifPresent(steps -> steps.forget(before, bytes));
            result = range.orElseThrow().mapFile(growing.descriptor(), mechanism.sharing(), before, bytes - before);
            if (result < 0) {
                range.orElseThrow().mapMemory(before, bytes - before);
                growing.shorten(before);
            } else {
                placeFrom(before, bytes);
            }
        }
        if (result < 0) {
            throw notGrown(growing, -result, bytes - before);
        }
    }

    private void placeFrom(long offset, long endOffset) {
        boolean pagesExist = file.filter(found -> found.medium().kind() == Medium.Kind.MEMORY)
                .isPresent();
        new Placing(options.placement(), stretches, options.preallocate(), pagesExist, name)
                .apply(range.orElseThrow().address(), offset, endOffset);
    }

    private RuntimeException notGrown(PoolFile growing, int error, long neededBytes) {
        String message = "pool could not grow and is as it was: pool=" + name + " capacityBytes=" + capacityBytes
                + " neededBytes=" + neededBytes + " availableBytes="
                + FileSystemFacts.ofDescriptor(growing.descriptor()).availableBytes() + " " + Errno.describe(error);
        return Errno.isWantOfSpace(error)
                ? new OutOfSpaceException(message + Errno.remedy(error))
                : new PoolIoException(message + "; check the device, then try again");
    }

    /** What lengths are multiples of; 0 if this one stays. */
    long lengthStepBytes() {
        return range.isEmpty() || isDevice() ? 0 : AddressRange.ALIGNMENT_BYTES;
    }

    /** As {@link pmem.spi.Region#isDevice}. */
    boolean isDevice() {
        return file.filter(PoolFile::isDevice).isPresent();
    }

    /** As {@link pmem.spi.Region#shrink}. */
    void shrink(long bytes) {
        long before = capacityBytes;
        int result = 0;
        if (bytes < before) {
            // First, so that there is always something behind the addresses; and nobody relies on the blocks any more.
            result = range.orElseThrow().mapMemory(bytes, before - bytes);
            backedSteps.ifPresent(steps -> steps.forget(bytes, before));
            capacityBytes = bytes;
        }
        if (result == 0 && file.isPresent()) {
            result = file.get().shorten(bytes);
        }
        if (result < 0) {
            throw new PoolIoException("pool is smaller, but its file could not be made shorter: pool=" + name
                    + " capacityBytes=" + capacityBytes + " fileBytes="
                    + file.map(PoolFile::bytes).orElse(0L) + " " + Errno.describe(-result)
                    + "; the pool goes on, check the device and shrink again");
        }
    }

    void publish() {
        file.ifPresent(PoolFile::publish);
    }

    /** Whether the file has its own name. */
    boolean isPublished() {
        return file.filter(PoolFile::isPublished).isPresent();
    }

    /** Maps memory over everything. If even that is refused, the file stays mapped: late stores then hit a file, never a hole. */
    void mapAway() {
        range.ifPresent(AddressRange::mapMemory);
    }

    /** Gives the file and its lock back. */
    void close() {
        file.ifPresent(PoolFile::close);
    }

    /** What has to stay while anybody can reach the addresses. */
    Optional<AddressRange> range() {
        return range;
    }

    Optional<PoolFile> file() {
        return file;
    }
}
