package pmem.bench.measure;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Slots on their way from one thread to another: positions below {@code filled} have been filled, below {@code emptied} emptied.
 * Setting a position releases the slot, reading it acquires the slot.
 */
final class Ring {
    /** Slots in the ring, a power of two. */
    static final int SLOTS = 4096;

    // Keeps the two positions apart from each other: a thread that reads one would else wait for the line of the other.
    private final AtomicLong[] positions = new AtomicLong[64];
    private volatile boolean stopped;

    Ring() {
        for (int i = 0; i < positions.length; i++) {
            positions[i] = new AtomicLong();
        }
    }

    AtomicLong filled() {
        return positions[0];
    }

    AtomicLong emptied() {
        return positions[positions.length - 1];
    }

    void stop() {
        stopped = true;
    }

    boolean stopped() {
        return stopped;
    }
}
