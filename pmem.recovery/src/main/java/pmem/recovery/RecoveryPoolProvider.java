package pmem.recovery;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import pmem.api.CheckReport;
import pmem.api.DurabilityDomain;
import pmem.api.Pool;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.api.PoolOptions;
import pmem.api.RepairOptions;
import pmem.api.RepairReport;
import pmem.spi.PersistPoint;
import pmem.spi.PolicyProvider;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.spi.RegionOptions;
import pmem.spi.RegionProvider;
import pmem.spi.RepairBackup;

/** Finds or makes the region of a pool, and opens or creates the pool on it. */
public final class RecoveryPoolProvider implements PoolProvider {
    /** For {@link java.util.ServiceLoader}. */
    public RecoveryPoolProvider() {}

    @Override
    public Pool open(Path path, PoolOptions options) {
        RegionProvider regions = Providers.only(RegionProvider.class);
        if (options.mode() != PoolOptions.Mode.OPEN && regions.isDevice(path)) {
            return openDevice(regions, path, options);
        }
        if (options.mode() == PoolOptions.Mode.OPEN
                || (options.mode() == PoolOptions.Mode.OPEN_OR_CREATE
                        && Files.exists(path, LinkOption.NOFOLLOW_LINKS))) {
            return openExisting(openFile(regions, path, options), options);
        }
        PoolCreation creation = PoolCreation.plan(options, Providers::policy);
        Region region;
        try {
            region = regions.create(
                    path,
                    creation.capacityBytes(),
                    regionOptions(options, options.preallocate(), options.maxCapacityBytes()));
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

    // The device is there before its first pool: what is on it decides, looked at under the lock.
    private static Pool openDevice(RegionProvider regions, Path path, PoolOptions options) {
        PoolCreation creation = PoolCreation.plan(options, Providers::policy);
        Region region = regions.create(path, creation.capacityBytes(), regionOptions(options, true, 0));
        if (isCreatable(region)) {
            return openOn(region, options, Providers::policy);
        }
        region.close();
        return openExisting(openFile(regions, path, options), options);
    }

    private static Region openFile(RegionProvider regions, Path path, PoolOptions options) {
        PoolPreview preview = PoolPreview.of(path);
        return regions.open(path, regionOptions(options, !preview.sparse(), preview.maxCapacityBytes()));
    }

    private static RegionOptions regionOptions(PoolOptions options, boolean preallocate, long maxCapacityBytes) {
        return new RegionOptions(
                options.durability(),
                options.countPersists(),
                preallocate,
                options.placement(),
                options.lockWait(),
                maxCapacityBytes);
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
        Region region =
                regions.anonymous(creation.capacityBytes(), regionOptions(options, true, options.maxCapacityBytes()));
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
            if (!isCreatable(region) || options.mode() == PoolOptions.Mode.OPEN) {
                return openExisting(region, options, policies);
            }
            PoolCreation creation = PoolCreation.plan(options, policies);
            creation.run(region, region.isZeroed() && first == Superblock.CopyState.EMPTY);
            return new PoolOpening(region, options, policies).run(true);
        });
    }

    private static boolean isCreatable(Region region) {
        return isCreatable(Superblock.examine(region, 0), Superblock.examine(region, 1));
    }

    // A second copy with a magic number says that there was a pool, unless the first one says that somebody has begun
    // anew.
    private static boolean isCreatable(Superblock.CopyState first, Superblock.CopyState second) {
        if (first == Superblock.CopyState.BEGUN) {
            return second != Superblock.CopyState.VALID;
        }
        return first == Superblock.CopyState.EMPTY
                && (second == Superblock.CopyState.EMPTY
                        || second == Superblock.CopyState.BEGUN
                        || second == Superblock.CopyState.FOREIGN);
    }

    @Override
    public CheckReport check(Path path) {
        try (Region region = Providers.only(RegionProvider.class).view(path)) {
            return checkOn(region);
        }
    }

    @Override
    public CheckReport checkBesideWriter(Path path) {
        try (Region region = Providers.only(RegionProvider.class).peek(path)) {
            return checkOn(region);
        }
    }

    @Override
    public CheckReport checkOn(Region region) {
        return new PoolCheck(region).run();
    }

    @Override
    public RepairReport repair(Path path, RepairOptions options) {
        RegionProvider regions = Providers.only(RegionProvider.class);
        Region region = options.dryRun() ? regions.view(path) : openFile(regions, path, PoolOptions.open());
        try (region) {
            return repairOn(region, options.dryRun(), BackupFile.beside(path, options.backup()));
        }
    }

    @Override
    public RepairReport repairOn(Region region, boolean dryRun, RepairBackup backup) {
        return new PoolRepair(region).run(dryRun, backup);
    }

    @Override
    public void undoRepair(Path path, Path backup) {
        BackupFile saved = BackupFile.read(backup);
        try (Region region = openFile(Providers.only(RegionProvider.class), path, PoolOptions.open())) {
            saved.putBack(region);
        }
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
