package pmem.bench.measure;

/**
 * One thread's part of a workload. Its loops are in {@link #chunk}, which runs for tens of microseconds at least, so that the
 * clock is read between chunks only. Used by one thread.
 */
public abstract class Workload {
    /** Slots that one thread uses at most. */
    public static final int SLOTS_PER_THREAD = 100_000;

    /**
     * Slots from those of one thread to those of the next. Between them two lines stay unused: an array's length, which every
     * access reads, is in the line of its first elements, and the first thread would take that line from all others.
     */
    public static final int SLOTS_STRIDE = SLOTS_PER_THREAD + 32;

    /** The allocator under test. */
    protected final Allocator allocator;

    /** First slot of this thread. */
    protected final int firstSlot;

    /** The part of thread number {@code thread}. */
    protected Workload(Allocator allocator, int thread) {
        this.allocator = allocator;
        this.firstSlot = firstSlotOf(thread);
    }

    /** First slot of thread number {@code thread}. */
    static int firstSlotOf(int thread) {
        return thread * SLOTS_STRIDE + (SLOTS_STRIDE - SLOTS_PER_THREAD) / 2;
    }

    /** Fills what must be there before the first chunk. */
    public void setUp() {}

    /** Does a stretch of work and returns its number of operations. */
    public abstract long chunk();

    /** Called when all threads stop: those that wait for another thread must return from {@link #chunk}. */
    public void stop() {}

    /** Frees what is left; called after all threads have stopped. */
    public void tearDown() {}
}
