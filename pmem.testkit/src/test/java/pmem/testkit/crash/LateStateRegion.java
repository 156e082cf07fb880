package pmem.testkit.crash;

import java.util.List;
import pmem.api.Pool;
import pmem.spi.PersistPoint;
import pmem.spi.Region;
import pmem.testkit.region.ForwardingRegion;

/**
 * What a commit engine would do that hands a block out first and makes its state word durable with its next write-back: the
 * right engine, on a region that puts the write-back and fence of plain allocations off until then.
 */
final class LateStateRegion extends ForwardingRegion {
    private static final String PUT_OFF = "allocate.state";

    private Runnable late = () -> {};

    private LateStateRegion(Region region) {
        super(region);
    }

    /** Pools of another target on such regions. */
    static CrashTarget target(CrashTarget right) {
        return new CrashTarget() {
            @Override
            public String id() {
                return "late-state";
            }

            @Override
            public long capacityBytes() {
                return right.capacityBytes();
            }

            @Override
            public Pool create(Region region) {
                return right.create(new LateStateRegion(region));
            }

            @Override
            public Pool open(Region region) {
                return right.open(new LateStateRegion(region));
            }

            @Override
            public List<PersistPoint> persistPoints() {
                return right.persistPoints();
            }
        };
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        catchUp();
        if (point.name().equals(PUT_OFF)) {
            late = () -> super.writeBackAndFence(point, offset);
        } else {
            super.writeBackAndFence(point, offset);
        }
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {
        catchUp();
        super.writeBack(point, offset, bytes);
    }

    private void catchUp() {
        Runnable due = late;
        late = () -> {};
        due.run();
    }
}
