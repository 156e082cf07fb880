package pmem.spi;

import java.nio.file.Path;
import java.util.List;
import pmem.api.Pool;
import pmem.api.PoolOptions;

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

    /** Every point at which the pool itself writes back or fences. */
    List<PersistPoint> persistPoints();
}
