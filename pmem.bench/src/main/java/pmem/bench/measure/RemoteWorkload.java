package pmem.bench.measure;

/** Of each two threads the first allocates and the second frees, blocks going through a ring. */
final class RemoteWorkload extends Workload {
    private static final int STEPS = 1024;

    private final Ring ring;
    private final boolean allocates;
    private final int ringSlot;
    private final long bytes;
    private long position;

    RemoteWorkload(Allocator allocator, int thread, Ring ring, long bytes) {
        super(allocator, thread);
        this.ring = ring;
        this.bytes = bytes;
        allocates = thread % 2 == 0;
        ringSlot = thread / 2 * 2 * SLOTS_PER_THREAD;
    }

    @Override
    public long chunk() {
        return allocates ? allocate() : free();
    }

    private long allocate() {
        for (int i = 0; i < STEPS; i++) {
            while (position - ring.emptied().getAcquire() >= Ring.SLOTS) {
                if (ring.stopped()) {
                    return i;
                }
                Thread.onSpinWait();
            }
            allocator.allocate(ringSlot + (int) (position & (Ring.SLOTS - 1)), bytes);
            ring.filled().setRelease(++position);
        }
        return STEPS;
    }

    private long free() {
        for (int i = 0; i < STEPS; i++) {
            while (position == ring.filled().getAcquire()) {
                if (ring.stopped()) {
                    return i;
                }
                Thread.onSpinWait();
            }
            allocator.free(ringSlot + (int) (position & (Ring.SLOTS - 1)));
            ring.emptied().setRelease(++position);
        }
        return STEPS;
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
