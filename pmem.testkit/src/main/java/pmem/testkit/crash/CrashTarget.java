package pmem.testkit.crash;

import java.util.List;
import pmem.api.Pool;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/** What the explorer crashes: a way to make and open pools on a region it provides. Thread-safe. */
public interface CrashTarget {
    /** A name for reports, for example the policy's id. */
    String id();

    /** Size of the region a pool is made on, in bytes; a multiple of 64, and small, since every image is that large. */
    long capacityBytes();

    /** Size the region can grow to. */
    default long maxCapacityBytes() {
        return capacityBytes();
    }

    /** Makes a pool on a region, also where an earlier creation was cut off. */
    Pool create(Region region);

    /** Opens the pool on a region; fails as {@link Pool#open} does if there is none. */
    Pool open(Region region);

    /** As {@link #open}, with group commit if the target knows it. */
    default Pool openGrouped(Region region) {
        return open(region);
    }

    /** Every point at which the target writes back or fences. */
    List<PersistPoint> persistPoints();
}
