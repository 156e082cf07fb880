package pmem.recovery;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.api.PoolOptions;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.Region;

/**
 * Makes a region a pool, so that a crash leaves either a complete empty pool or one that says its creation did not finish.
 */
final class PoolCreation {
    private static final String DEFAULT_POLICY = "bitmap";

    private final PoolOptions options;
    private final PolicyProvider provider;
    private final PolicyParameters parameters;

    private PoolCreation(PoolOptions options, PolicyProvider provider, PolicyParameters parameters) {
        this.options = options;
        this.provider = provider;
        this.parameters = parameters;
    }

    /**
     * Checks everything that can be checked before a file is made.
     *
     * @throws PoolOpenException if the policy is unknown or the capacity too small
     * @throws IllegalArgumentException if a policy parameter is unknown or out of its range, or no capacity is given
     */
    static PoolCreation plan(PoolOptions options, Function<String, PolicyProvider> policies) {
        if (options.capacityBytes() <= 0) {
            throw new IllegalArgumentException(
                    "a new pool needs a capacity: expected PoolOptions.create or createNew, found PoolOptions.open");
        }
        PolicyProvider provider = policies.apply(options.policy().orElse(DEFAULT_POLICY));
        PolicyParameters parameters = PolicyParameters.of(provider, options.policyParameters());
        if (options.maxCapacityBytes() != 0 && options.maxCapacityBytes() < options.capacityBytes()) {
            throw new IllegalArgumentException("maximum of the capacity is not usable: expected at least the capacity, "
                    + options.capacityBytes() + ", found=" + options.maxCapacityBytes());
        }
        PoolCreation creation = new PoolCreation(options, provider, parameters);
        creation.requireRoom(creation.geometry(options.capacityBytes(), options.maxCapacityBytes()));
        return creation;
    }

    /** Capacity the user asked for. */
    long capacityBytes() {
        return options.capacityBytes();
    }

    private void requireRoom(PoolGeometry geometry) {
        if (geometry.growable()) {
            requireRoomForTables(geometry);
            return;
        }
        long minimumBytes = provider.minimumBytes(parameters);
        if (geometry.policyBytes() < minimumBytes) {
            throw new PoolOpenException(
                    Reason.TOO_SMALL,
                    "the pool is too small: expected at least " + (geometry.policyStartOffset() + minimumBytes)
                            + " bytes (" + geometry.policyStartOffset() + " for superblocks, log and roots, "
                            + minimumBytes
                            + " for policy " + provider.id() + " " + parameters + "), found="
                            + geometry.capacityBytes() + "; ask for more, or for fewer lanes, laneEntries or roots");
        }
    }

    // The tables are laid out for the largest size and must be there from the beginning.
    private void requireRoomForTables(PoolGeometry geometry) {
        long leastEnd = RecordedPolicy.leastUsableEnd(provider, parameters, geometry);
        if (geometry.policyEndOffset() < leastEnd) {
            throw new PoolOpenException(
                    Reason.TOO_SMALL,
                    "the pool is too small for the tables of its largest size: expected at least " + leastEnd
                            + " bytes for maxCapacityBytes=" + geometry.maxCapacityBytes() + " with policy "
                            + provider.id() + " " + parameters + ", found=" + geometry.capacityBytes()
                            + "; ask for more capacity or for a smaller maximum");
        }
    }

    private PoolGeometry geometry(long capacityBytes, long maxCapacityBytes) {
        return new PoolGeometry(
                capacityBytes, maxCapacityBytes, options.lanes(), options.laneEntries(), options.roots());
    }

    private PoolGeometry geometry(Region region) {
        if (options.maxCapacityBytes() == 0) {
            return geometry(region.capacityBytes(), 0);
        }
        if (region.maxCapacityBytes() < options.maxCapacityBytes()) {
            throw new PoolOpenException(
                    Reason.OPTIONS_MISMATCH,
                    "a pool here cannot grow: expected room for maxCapacityBytes=" + options.maxCapacityBytes()
                            + ", found=" + region.maxCapacityBytes() + " pool=" + region.name()
                            + "; use a file, or leave maxCapacity away");
        }
        return geometry(region.capacityBytes(), region.maxCapacityBytes());
    }

    /** Writes the empty pool; the opening that follows fences the magic numbers. */
    void run(Region region, boolean zeroed) {
        PoolGeometry geometry = geometry(region);
        requireRoom(geometry);
        Superblock superblock = new Superblock(
                ThreadLocalRandom.current().nextLong(),
                ThreadLocalRandom.current().nextLong(),
                geometry,
                provider.id(),
                provider.formatVersion(),
                parameters.values());
        requireStorage(region, geometry);
        begin(region);
        writeContent(region, superblock, zeroed);
        writeMagic(region);
    }

    // Superblock, log and roots; the policy's metadata gets storage as it is used.
    private static void requireStorage(Region region, PoolGeometry geometry) {
        if (!region.ensureBacked(0, geometry.policyStartOffset())) {
            throw new PoolOpenException(
                    Reason.NO_SPACE,
                    "the file system has no room for superblocks, log and roots: pool=" + region.name()
                            + " neededBytes=" + geometry.policyStartOffset()
                            + "; free some space, or choose another place");
        }
    }

    private static void begin(Region region) {
        region.storeRelease(SuperblockLayout.MAGIC_OFFSET, SuperblockLayout.CREATION_MARK);
        region.writeBackAndFence(PoolPoints.CREATE_BEGUN, SuperblockLayout.MAGIC_OFFSET);
    }

    private void writeContent(Region region, Superblock superblock, boolean zeroed) {
        PoolGeometry geometry = superblock.geometry();
        if (!zeroed) {
            clear(region, geometry.logOffset(), geometry.policyStartOffset());
        }
        provider.format(RecordedPolicy.space(region, geometry, false), parameters, zeroed);
        for (int copy = 0; copy < SuperblockLayout.COPIES; copy++) {
            superblock.storeBody(region, copy);
            region.writeBack(PoolPoints.CREATE_CONTENT, SuperblockLayout.copyOffset(copy), SuperblockLayout.BODY_BYTES);
        }
        RunState.storeClean(region, RunState.Figures.EMPTY);
        StorageMode.store(region, !options.preallocate());
        if (geometry.growable()) {
            CapacityWord.store(region, geometry.capacityBytes(), PoolPoints.CREATE_CONTENT);
        }
        // One line holds both.
        region.writeBack(PoolPoints.CREATE_CONTENT, SuperblockLayout.RUN_STATE_OFFSET, Long.BYTES);
        region.fence(PoolPoints.CREATE_CONTENT);
    }

    // Log and roots are empty when they are zero.
    private static void clear(Region region, long fromOffset, long toOffset) {
        for (long offset = fromOffset; offset < toOffset; offset += Long.BYTES) {
            region.storePlain(offset, 0);
        }
        region.writeBack(PoolPoints.CREATE_CONTENT, fromOffset, toOffset - fromOffset);
    }

    private static void writeMagic(Region region) {
        for (int copy = 0; copy < SuperblockLayout.COPIES; copy++) {
            Superblock.storeMagic(region, copy);
            region.writeBack(PoolPoints.CREATE_MAGIC, SuperblockLayout.copyOffset(copy), Long.BYTES);
        }
    }
}
