package pmem.testkit.crash;

import java.util.List;
import java.util.function.UnaryOperator;
import pmem.api.Pool;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/**
 * A target whose pools stand over other regions, or are used in another way; media knows nothing of it.
 *
 * @param whole makes and opens the pools
 * @param region what a pool gets in the place of its region
 * @param pool what is used in the place of a pool
 */
record WrappedTarget(CrashTarget whole, UnaryOperator<Region> region, UnaryOperator<Pool> pool) implements CrashTarget {
    /** The same pools over other regions. */
    static WrappedTarget over(CrashTarget whole, UnaryOperator<Region> region) {
        return new WrappedTarget(whole, region, UnaryOperator.identity());
    }

    /** The same pools used in another way. */
    static WrappedTarget through(CrashTarget whole, UnaryOperator<Pool> pool) {
        return new WrappedTarget(whole, UnaryOperator.identity(), pool);
    }

    @Override
    public String id() {
        return whole.id();
    }

    @Override
    public long capacityBytes() {
        return whole.capacityBytes();
    }

    @Override
    public long maxCapacityBytes() {
        return whole.maxCapacityBytes();
    }

    @Override
    public Pool create(Region plain) {
        return pool.apply(whole.create(region.apply(plain)));
    }

    @Override
    public Pool open(Region plain) {
        return pool.apply(whole.open(region.apply(plain)));
    }

    @Override
    public Pool openGrouped(Region plain) {
        return pool.apply(whole.openGrouped(region.apply(plain)));
    }

    @Override
    public List<PersistPoint> persistPoints() {
        return whole.persistPoints();
    }
}
