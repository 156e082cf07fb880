package pmem.tool.trace;

/**
 * A recorded allocation trace, checked: every operation is possible at its place. Immutable, so safe for any number of threads.
 *
 * <p>Operations are packed into arrays, in recorded order. Objects and threads are numbered densely from 0 in the order of their
 * first appearance; an identifier that the file uses again after its free is a new object.
 */
public final class Trace {
    private final String name;
    private final byte[] kinds;
    private final int[] objects;
    private final long[] bytes;
    private final int[] threads;
    private final int objectCount;
    private final int threadCount;
    private final long peakLiveBytes;
    private final int peakLiveBlocks;

    Trace(TraceBuilder builder) {
        name = builder.name();
        kinds = builder.kinds();
        objects = builder.objects();
        bytes = builder.bytes();
        threads = builder.threads();
        objectCount = builder.objectCount();
        threadCount = builder.threadCount();
        peakLiveBytes = builder.peakLiveBytes();
        peakLiveBlocks = builder.peakLiveBlocks();
    }

    /** Last part of the file's name. */
    public String name() {
        return name;
    }

    /** Number of operations, at least 1. */
    public int operationCount() {
        return kinds.length;
    }

    /** Number of objects ever allocated. */
    public int objectCount() {
        return objectCount;
    }

    /** Number of threads that appear. */
    public int threadCount() {
        return threadCount;
    }

    /** Largest sum of the asked-for bytes of live objects. */
    public long peakLiveBytes() {
        return peakLiveBytes;
    }

    /** Largest number of live objects. */
    public int peakLiveBlocks() {
        return peakLiveBlocks;
    }

    /** One of the constants of {@link TraceOperation}. */
    public byte kind(int operation) {
        return kinds[operation];
    }

    /** The object an operation is about. */
    public int object(int operation) {
        return objects[operation];
    }

    /** Size asked for, at least 1; 0 for a free. */
    public long bytes(int operation) {
        return bytes[operation];
    }

    /** The thread that performed an operation. */
    public int thread(int operation) {
        return threads[operation];
    }
}
