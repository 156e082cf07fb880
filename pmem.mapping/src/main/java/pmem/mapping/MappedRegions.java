package pmem.mapping;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Consumer;
import pmem.spi.RegionOptions;

/** Makes regions of what was mapped or allocated for them. */
final class MappedRegions {
    private MappedRegions() {}

    /** A region of mapped addresses, of which the first bytes are there and the others for growth; owns both from here on. */
    static MappedRegion mapped(
            String name,
            Mechanism mechanism,
            long capacityBytes,
            AddressRange range,
            Optional<PoolFile> file,
            boolean zeroed,
            RegionOptions options) {
        Arena arena = Arena.ofShared();
        Backing backing = new Backing(name, mechanism, capacityBytes, Optional.of(range), file, options);
        MemorySegment base = Posix.view(range.address(), range.bytes(), arena, new Keeping(range, file));
        return new MappedRegion(name, mechanism, arena, base, backing, zeroed, options);
    }

    /** A region of addresses mapped to be read; every store throws. Owns both from here on. */
    static MappedRegion readOnly(String name, AddressRange range, PoolFile file) {
        Arena arena = Arena.ofShared();
        Optional<PoolFile> held = Optional.of(file);
        MemorySegment base = Posix.view(range.address(), range.bytes(), arena, new Keeping(range, held))
                .asReadOnly();
        RegionOptions options = RegionOptions.defaults();
        Mechanism mechanism = Mechanism.inMemory();
        Backing backing = new Backing(name, mechanism, range.bytes(), Optional.of(range), held, options);
        return new MappedRegion(name, mechanism, arena, base, backing, false, options);
    }

    /** A region of memory from the JDK, for systems whose own calls this module does not know. */
    @SuppressWarnings("restricted")
    static MappedRegion allocated(String name, long bytes, RegionOptions options) {
        Arena arena = Arena.ofShared();
        // Closing the arena must not free it: the region may still be in use by others. Its slices and the region each
        // hold it.
        KeepingMemory memory = new KeepingMemory(Arena.ofAuto().allocate(bytes, AddressRange.ALIGNMENT_BYTES));
        MemorySegment base = MemorySegment.ofAddress(memory.memory().address()).reinterpret(bytes, arena, memory);
        Mechanism mechanism = Mechanism.inMemory();
        Backing backing = new Backing(name, mechanism, bytes, Optional.empty(), Optional.empty(), options);
        MappedRegion region = new MappedRegion(name, mechanism, arena, base, backing, true, options);
        Platform.CLEANER.register(region, memory);
        return region;
    }

    /** As {@link Keeping}; held by an open arena, and for as long as its region is reachable. */
    record KeepingMemory(MemorySegment memory) implements Consumer<MemorySegment>, Runnable {
        @Override
        public void accept(MemorySegment closed) {
            // Being referred to until now was all it was for.
        }

        @Override
        public void run() {
            // Likewise.
        }
    }

    /**
     * What an open arena holds, so that a slice keeps addresses and lock even if the region itself is forgotten unclosed.
     */
    record Keeping(AddressRange range, Optional<PoolFile> file) implements Consumer<MemorySegment> {
        @Override
        public void accept(MemorySegment closed) {
            // Being referred to until now was all it was for.
        }
    }
}
