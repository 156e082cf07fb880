package pmem.recovery;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.api.PoolOptions;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PolicySpace;
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
        PoolCreation creation = new PoolCreation(options, provider, parameters);
        creation.requireRoom(options.capacityBytes());
        return creation;
    }

    /** Capacity the user asked for. */
    long capacityBytes() {
        return options.capacityBytes();
    }

    private void requireRoom(long capacityBytes) {
        PoolGeometry geometry = geometry(capacityBytes);
        long minimumBytes = provider.minimumBytes(parameters);
        if (geometry.policyBytes() < minimumBytes) {
            throw new PoolOpenException(
                    Reason.TOO_SMALL,
                    "the pool is too small: expected at least " + (geometry.policyStartOffset() + minimumBytes)
                            + " bytes (" + geometry.policyStartOffset() + " for superblocks, log and roots, "
                            + minimumBytes
                            + " for policy " + provider.id() + " " + parameters + "), found=" + capacityBytes
                            + "; ask for more, or for fewer lanes, laneEntries or roots");
        }
    }

    private PoolGeometry geometry(long capacityBytes) {
        return new PoolGeometry(capacityBytes, options.lanes(), options.laneEntries(), options.roots());
    }

    /** Writes the empty pool; the opening that follows fences the magic numbers. */
    void run(Region region, boolean zeroed) {
        requireRoom(region.capacityBytes());
        PoolGeometry geometry = geometry(region.capacityBytes());
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
        PolicySpace space = new PolicySpace(region, geometry.policyStartOffset(), geometry.policyEndOffset());
        provider.format(space, parameters, zeroed);
        for (int copy = 0; copy < SuperblockLayout.COPIES; copy++) {
            superblock.storeBody(region, copy);
            region.writeBack(PoolPoints.CREATE_CONTENT, SuperblockLayout.copyOffset(copy), SuperblockLayout.BODY_BYTES);
        }
        RunState.storeClean(region, RunState.Figures.EMPTY);
        StorageMode.store(region, !options.preallocate());
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
