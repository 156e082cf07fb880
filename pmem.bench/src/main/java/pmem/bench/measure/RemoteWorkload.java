package pmem.bench.measure;

/** Of each two threads the first allocates and the second frees, blocks going through a ring. */
final class RemoteWorkload extends Workload {
    private static final int STEPS = 1024;
    // A power of two. Told one by one, the line of the position would travel for each block, and that is no cost of an
    // allocator.
    private static final int STEPS_TOLD_AT_ONCE = 32;

    private final Ring ring;
    private final boolean allocates;
    private final int ringSlot;
    private final long bytes;
    private long position;
    private long limit;

    RemoteWorkload(Allocator allocator, int thread, Ring ring, long bytes) {
        super(allocator, thread);
        this.ring = ring;
        this.bytes = bytes;
        allocates = thread % 2 == 0;
        ringSlot = firstSlotOf(thread / 2 * 2);
    }

    @Override
    public long chunk() {
        long done = allocates ? allocate() : free();
        tell();
        return done;
    }

    private long allocate() {
        for (int i = 0; i < STEPS; i++) {
            while (position == limit && !look()) {
                if (ring.stopped()) {
                    return i;
                }
                Thread.onSpinWait();
            }
            allocator.allocate(ringSlot + (int) (position++ & (Ring.SLOTS - 1)), bytes);
            tellOftenEnough();
        }
        return STEPS;
    }

    private long free() {
        for (int i = 0; i < STEPS; i++) {
            while (position == limit && !look()) {
                if (ring.stopped()) {
                    return i;
                }
                Thread.onSpinWait();
            }
            allocator.free(ringSlot + (int) (position++ & (Ring.SLOTS - 1)));
            tellOftenEnough();
        }
        return STEPS;
    }

    // How far this thread may go; true if further than before.
    private boolean look() {
        limit = allocates
                ? ring.emptied().getAcquire() + Ring.SLOTS
                : ring.filled().getAcquire();
        return position < limit;
    }

    private void tellOftenEnough() {
        if ((position & (STEPS_TOLD_AT_ONCE - 1)) == 0) {
            tell();
        }
    }

    private void tell() {
        (allocates ? ring.filled() : ring.emptied()).setRelease(position);
    }

    @Override
    public void stop() {
        ring.stop();
    }

    @Override
    public void tearDown() {
        if (!allocates) {
            while (position < ring.filled().getAcquire()) {
                allocator.free(ringSlot + (int) (position++ & (Ring.SLOTS - 1)));
            }
        }
    }
}
