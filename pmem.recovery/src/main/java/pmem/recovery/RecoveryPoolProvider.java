package pmem.recovery;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import pmem.api.DurabilityDomain;
import pmem.api.Pool;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.api.PoolOptions;
import pmem.spi.PersistPoint;
import pmem.spi.PolicyProvider;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.spi.RegionOptions;
import pmem.spi.RegionProvider;

/** Finds or makes the region of a pool, and opens or creates the pool on it. */
public final class RecoveryPoolProvider implements PoolProvider {
    /** For {@link java.util.ServiceLoader}. */
    public RecoveryPoolProvider() {}

    @Override
    public Pool open(Path path, PoolOptions options) {
        RegionProvider regions = Providers.only(RegionProvider.class);
        if (options.mode() == PoolOptions.Mode.OPEN
                || (options.mode() == PoolOptions.Mode.OPEN_OR_CREATE
                        && Files.exists(path, LinkOption.NOFOLLOW_LINKS))) {
            return openExisting(openFile(regions, path, options), options);
        }
        PoolCreation creation = PoolCreation.plan(options, Providers::policy);
        Region region;
        try {
            region = regions.create(path, creation.capacityBytes(), regionOptions(options, options.preallocate()));
        } catch (PoolOpenException refused) {
            // Somebody else finished creating it since we looked.
            if (refused.reason() == Reason.EXISTS && options.mode() == PoolOptions.Mode.OPEN_OR_CREATE) {
                return openExisting(openFile(regions, path, options), options);
            }
            throw refused;
        }
        return closingOnFailure(region, () -> {
            creation.run(region, region.isZeroed());
            region.publishCreated();
            return new PoolOpening(region, options, Providers::policy).run(true);
        });
    }

    private static Region openFile(RegionProvider regions, Path path, PoolOptions options) {
        return regions.open(path, regionOptions(options, !StorageMode.isSparse(path)));
    }

    private static RegionOptions regionOptions(PoolOptions options, boolean preallocate) {
        return new RegionOptions(options.durability(), options.countPersists(), preallocate);
    }

    @Override
    public Pool openVolatile(PoolOptions options) {
        DurabilityDomain asked = options.durability().orElse(DurabilityDomain.VOLATILE);
        if (asked != DurabilityDomain.VOLATILE) {
            throw new PoolOpenException(
                    Reason.DURABILITY_UNAVAILABLE,
                    "anonymous memory survives nothing: expected durability=" + DurabilityDomain.VOLATILE.id()
                            + ", found=" + asked.id() + "; open the pool on a file");
        }
        PoolCreation creation = PoolCreation.plan(options, Providers::policy);
        RegionProvider regions = Providers.only(RegionProvider.class);
        Region region = regions.anonymous(creation.capacityBytes(), regionOptions(options, true));
        return closingOnFailure(region, () -> {
            creation.run(region, region.isZeroed());
            return new PoolOpening(region, options, Providers::policy).run(true);
        });
    }

    @Override
    public Pool openOn(Region region, PoolOptions options) {
        return openOn(region, options, Providers::policy);
    }

    @Override
    public Pool openOn(Region region, PoolOptions options, PolicyProvider policy) {
        return openOn(region, options, id -> only(policy, id));
    }

    private static PolicyProvider only(PolicyProvider policy, String id) {
        if (!policy.id().equals(id)) {
            throw new PoolOpenException(
                    Reason.OPTIONS_MISMATCH, "the pool has another policy: expected=" + policy.id() + ", found=" + id);
        }
        return policy;
    }

    private static Pool openOn(Region region, PoolOptions options, Function<String, PolicyProvider> policies) {
        return closingOnFailure(region, () -> {
            Superblock.CopyState first = Superblock.examine(region, 0);
            boolean creatable = Superblock.examine(region, 1) != Superblock.CopyState.VALID
                    && (first == Superblock.CopyState.EMPTY || first == Superblock.CopyState.BEGUN);
            if (!creatable || options.mode() == PoolOptions.Mode.OPEN) {
                return openExisting(region, options, policies);
            }
            PoolCreation creation = PoolCreation.plan(options, policies);
            creation.run(region, region.isZeroed() && first == Superblock.CopyState.EMPTY);
            return new PoolOpening(region, options, policies).run(true);
        });
    }

    @Override
    public List<PersistPoint> persistPoints() {
        return PoolPoints.ALL;
    }

    private static Pool openExisting(Region region, PoolOptions options) {
        return openExisting(region, options, Providers::policy);
    }

    private static Pool openExisting(Region region, PoolOptions options, Function<String, PolicyProvider> policies) {
        return closingOnFailure(region, () -> {
            if (options.mode() == PoolOptions.Mode.CREATE_NEW) {
                throw new PoolOpenException(
                        Reason.EXISTS,
                        "a pool exists already: pool=" + region.name() + "; open it or choose another place");
            }
            return new PoolOpening(region, options, policies).run(false);
        });
    }

    private interface Step {
        Pool run();
    }

    private static Pool closingOnFailure(Region region, Step step) {
        boolean done = false;
        try {
            Pool pool = step.run();
            done = true;
            return pool;
        } finally {
            if (!done) {
                region.close();
            }
        }
    }
}
