package pmem.tool.trace;

import java.util.Arrays;

/** Gathers the operations of a trace, checks each against the ones before it, and keeps the peaks. Not thread-safe. */
final class TraceBuilder {
    private static final int FREED = -1;

    private final String name;
    private final LongIntTable objectOfId = new LongIntTable();
    private final LongIntTable threadOfNumber = new LongIntTable();
    private byte[] kinds = new byte[1 << 12];
    private int[] objects = new int[1 << 12];
    private long[] bytes = new long[1 << 12];
    private int[] threads = new int[1 << 12];
    private long[] liveBytesOfObject = new long[1 << 12];
    private int count;
    private int objectCount;
    private int threadCount;
    private long liveBytes;
    private long peakLiveBytes;
    private int liveBlocks;
    private int peakLiveBlocks;

    TraceBuilder(String name) {
        this.name = name;
    }

    /** Adds an allocation; returns false, changing nothing, if the identifier is live. */
    boolean allocate(long id, long size, long thread) {
        if (objectOfId.get(id, FREED) != FREED) {
            return false;
        }
        if (objectCount == liveBytesOfObject.length) {
            liveBytesOfObject = Arrays.copyOf(liveBytesOfObject, 2 * objectCount);
        }
        objectOfId.put(id, objectCount);
        liveBlocks++;
        peakLiveBlocks = Math.max(peakLiveBlocks, liveBlocks);
        add(TraceOperation.ALLOCATE, objectCount++, size, thread);
        return true;
    }

    /** Adds a reallocation; returns false, changing nothing, unless the identifier is live. */
    boolean reallocate(long id, long size, long thread) {
        int object = objectOfId.get(id, FREED);
        if (object == FREED) {
            return false;
        }
        add(TraceOperation.REALLOCATE, object, size, thread);
        return true;
    }

    /** Adds a free; returns false, changing nothing, unless the identifier is live. */
    boolean free(long id, long thread) {
        int object = objectOfId.get(id, FREED);
        if (object == FREED) {
            return false;
        }
        objectOfId.put(id, FREED);
        liveBlocks--;
        add(TraceOperation.FREE, object, 0, thread);
        return true;
    }

    private void add(byte kind, int object, long size, long thread) {
        if (count == kinds.length) {
            kinds = Arrays.copyOf(kinds, 2 * count);
            objects = Arrays.copyOf(objects, 2 * count);
            bytes = Arrays.copyOf(bytes, 2 * count);
            threads = Arrays.copyOf(threads, 2 * count);
        }
        liveBytes = Math.addExact(liveBytes - liveBytesOfObject[object], size);
        peakLiveBytes = Math.max(peakLiveBytes, liveBytes);
        liveBytesOfObject[object] = size;
        kinds[count] = kind;
        objects[count] = object;
        bytes[count] = size;
        threads[count++] = threadIndex(thread);
    }

    private int threadIndex(long thread) {
        int index = threadOfNumber.get(thread, -1);
        if (index < 0) {
            index = threadCount++;
            threadOfNumber.put(thread, index);
        }
        return index;
    }

    Trace build() {
        return new Trace(this);
    }

    String name() {
        return name;
    }

    int operationCount() {
        return count;
    }

    byte[] kinds() {
        return Arrays.copyOf(kinds, count);
    }

    int[] objects() {
        return Arrays.copyOf(objects, count);
    }

    long[] bytes() {
        return Arrays.copyOf(bytes, count);
    }

    int[] threads() {
        return Arrays.copyOf(threads, count);
    }

    int objectCount() {
        return objectCount;
    }

    int threadCount() {
        return threadCount;
    }

    long peakLiveBytes() {
        return peakLiveBytes;
    }

    int peakLiveBlocks() {
        return peakLiveBlocks;
    }
}
