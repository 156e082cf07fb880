package pmem.bench.allocator;

import java.util.Optional;
import java.util.Set;
import pmem.api.DurabilityDomain;
import pmem.api.Size;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Capability;
import pmem.spi.PersistPoint;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.spi.RegionOptions;
import pmem.spi.RegionProvider;

/**
 * Not an allocator: each "allocate" stores a word, writes its line back and fences, as the region of a pool does it. No durable
 * operation can be faster. For one thread.
 */
final class FloorAllocator implements Allocator {
    private static final long WORKING_SET_BYTES_MAX = Size.gib(1);
    private static final int PAGE_BYTES = 4096;
    private static final PersistPoint POINT = new PersistPoint("bench.floor", "Nothing depends on it: it is measured.");
    // A pseudo-random walk over the lines: a multiplier that generates every odd residue's successor without repeating
    // soon.
    private static final long MULTIPLIER = 6_364_136_223_846_793_005L;
    private static final long INCREMENT = 1_442_695_040_888_963_407L;

    private final Region region;
    private final boolean counts;
    private long state = 1;

    FloorAllocator(Setting setting) {
        region = Providers.only(RegionProvider.class)
                .create(
                        setting.directory().resolve("floor.pool"),
                        WORKING_SET_BYTES_MAX,
                        new RegionOptions(Optional.of(DurabilityDomain.FORCED_CACHE_LINE), setting.countPersists()));
        counts = setting.countPersists();
        // Else the first store to each page would measure the system.
        for (long offset = 0; offset < WORKING_SET_BYTES_MAX; offset += PAGE_BYTES) {
            region.storePlain(offset, 0);
        }
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.FLOOR);
    }

    /** The size is that of the working set, a power of two of at least a line. */
    @Override
    public void allocate(int slot, long workingSetBytes) {
        state = state * MULTIPLIER + INCREMENT;
        long offset = (state >>> 16) & (workingSetBytes - 1) & -Region.LINE_BYTES;
        region.storePlain(offset, state);
        region.writeBackAndFence(POINT, offset);
    }

    @Override
    public void free(int slot) {
        throw Allocator.missing(Capability.PLAIN);
    }

    @Override
    public long linesWrittenBack() {
        return counts ? region.linesWrittenBack() : -1;
    }

    @Override
    public long fences() {
        return counts ? region.fences() : -1;
    }

    @Override
    public void close() {
        region.close();
    }
}
