package pmem.testkit.schedule;

import pmem.spi.PersistPoint;
import pmem.spi.Region;
import pmem.testkit.region.ForwardingRegion;

/**
 * A region at whose every access, and at every {@link Region#step}, a scheduled thread stops and others may go on; see
 * {@link Interleaver}.
 */
public final class ScheduledRegion extends ForwardingRegion {
    private static final String AWAITED = "-awaited";

    private final Runnable stop;
    private final Runnable stepAside;

    /**
     * Wraps a region.
     *
     * @param region does the work
     * @param stop called before each access, for example {@link Interleaver#step}
     */
    public ScheduledRegion(Region region, Runnable stop) {
        this(region, stop, stop);
    }

    /**
     * As the other constructor.
     *
     * @param stepAside called instead at a {@linkplain #step place} whose name ends in {@code -awaited}: a thread spins there until
     *     another one goes on
     */
    public ScheduledRegion(Region region, Runnable stop, Runnable stepAside) {
        super(region);
        this.stop = stop;
        this.stepAside = stepAside;
    }

    @Override
    public long loadPlain(long offset) {
        stop.run();
        return super.loadPlain(offset);
    }

    @Override
    public long loadAcquire(long offset) {
        stop.run();
        return super.loadAcquire(offset);
    }

    @Override
    public void storePlain(long offset, long value) {
        stop.run();
        super.storePlain(offset, value);
    }

    @Override
    public void storeRelease(long offset, long value) {
        stop.run();
        super.storeRelease(offset, value);
    }

    @Override
    public int loadByteAcquire(long offset) {
        stop.run();
        return super.loadByteAcquire(offset);
    }

    @Override
    public void storeByteRelease(long offset, int value) {
        stop.run();
        super.storeByteRelease(offset, value);
    }

    @Override
    public boolean compareAndSet(long offset, long expected, long value) {
        stop.run();
        return super.compareAndSet(offset, expected, value);
    }

    @Override
    public long getAndBitwiseOr(long offset, long bits) {
        stop.run();
        return super.getAndBitwiseOr(offset, bits);
    }

    @Override
    public long getAndBitwiseAnd(long offset, long mask) {
        stop.run();
        return super.getAndBitwiseAnd(offset, mask);
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {
        stop.run();
        super.writeBack(point, offset, bytes);
    }

    @Override
    public void fence(PersistPoint point) {
        stop.run();
        super.fence(point);
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        writeBack(point, offset, Long.BYTES);
        fence(point);
    }

    @Override
    public void step(String place) {
        (place.endsWith(AWAITED) ? stepAside : stop).run();
    }

    // Threads that take turns see each other's stores without it.
    @Override
    public boolean fenceOthers() {
        return true;
    }

    @Override
    public long[] usedRanges(long offset, long endOffset) {
        stop.run();
        return super.usedRanges(offset, endOffset);
    }
}
