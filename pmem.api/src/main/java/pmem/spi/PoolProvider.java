package pmem.spi;

import java.nio.file.Path;
import java.util.List;
import pmem.api.CheckReport;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.RepairOptions;
import pmem.api.RepairReport;

/** Joins a region and a policy into a pool; found by {@link java.util.ServiceLoader}. Stateless and thread-safe. */
public interface PoolProvider {
    /** See {@link Pool#open}. */
    Pool open(Path path, PoolOptions options);

    /** See {@link Pool#openVolatile}. */
    Pool openVolatile(PoolOptions options);

    /**
     * Opens a pool on a region the caller made, or creates one there if the region holds none (or an unfinished one) and the
     * options allow it. The pool owns the region from then on, also when this method fails.
     */
    Pool openOn(Region region, PoolOptions options);

    /** As {@link #openOn(Region, PoolOptions)}, with this policy in place of those on the module path: to study a new one. */
    Pool openOn(Region region, PoolOptions options, PolicyProvider policy);

    /** See {@link Pool#check}. */
    CheckReport check(Path path);

    /** See {@link Pool#checkBesideWriter}. */
    CheckReport checkBesideWriter(Path path);

    /** As {@link #check}, for a region of the caller, which is only read and stays open. Nobody may change it meanwhile. */
    CheckReport checkOn(Region region);

    /** See {@link Pool#repair}. */
    RepairReport repair(Path path, RepairOptions options);

    /**
     * As {@link #repair}, for a region of the caller, which stays open.
     *
     * @param backup saves the bytes that will be changed; called once before the first change, not at all in a dry run
     */
    RepairReport repairOn(Region region, boolean dryRun, RepairBackup backup);

    /** See {@link Pool#undoRepair}. */
    void undoRepair(Path path, Path backup);

    /** Every point at which the pool itself writes back or fences, but for those of a repair. */
    List<PersistPoint> persistPoints();
}
