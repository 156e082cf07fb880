package pmem.tool.demo;

import java.util.Arrays;
import pmem.tool.trace.TraceOperation;

/** Gathers the operations of a {@link ReplayPlan} in an order in which they are possible. Not thread-safe. */
final class ReplayPlanBuilder {
    private static final int NO_THREAD = -1;
    private static final int SHARED = -2;
    private static final long FOOTPRINT_BYTES_MIN = 64;

    private final int threads;
    private final int[] operationsPerObject;
    private final int[] lastThreadOfObject;
    private final int[] ownerOfObject;
    private final boolean[] live;
    private byte[] kinds = new byte[1 << 12];
    private int[] objects = new int[1 << 12];
    private int[] threadOf = new int[1 << 12];
    private int[] sequences = new int[1 << 12];
    private long[] bytes = new long[1 << 12];
    private int count;

    ReplayPlanBuilder(int threads, int objectCount) {
        this.threads = threads;
        operationsPerObject = new int[objectCount];
        lastThreadOfObject = new int[objectCount];
        ownerOfObject = new int[objectCount];
        Arrays.fill(ownerOfObject, NO_THREAD);
        live = new boolean[objectCount];
    }

    void add(int thread, byte kind, int object, long size) {
        if (count == kinds.length) {
            kinds = Arrays.copyOf(kinds, 2 * count);
            objects = Arrays.copyOf(objects, 2 * count);
            threadOf = Arrays.copyOf(threadOf, 2 * count);
            sequences = Arrays.copyOf(sequences, 2 * count);
            bytes = Arrays.copyOf(bytes, 2 * count);
        }
        kinds[count] = kind;
        objects[count] = object;
        threadOf[count] = thread;
        sequences[count] = operationsPerObject[object]++;
        bytes[count++] = size;
        lastThreadOfObject[object] = thread;
        int owner = ownerOfObject[object];
        ownerOfObject[object] = owner == NO_THREAD || owner == thread ? thread : SHARED;
        live[object] = kind != TraceOperation.FREE;
    }

    ReplayPlan build() {
        for (int object = 0; object < live.length; object++) {
            if (live[object]) {
                add(lastThreadOfObject[object], TraceOperation.FREE, object, 0);
            }
        }
        int[] perThread = new int[threads];
        for (int i = 0; i < count; i++) {
            perThread[threadOf[i]]++;
        }
        byte[][] kindsOf = new byte[threads][];
        int[][] objectsOf = new int[threads][];
        int[][] sequencesOf = new int[threads][];
        for (int thread = 0; thread < threads; thread++) {
            kindsOf[thread] = new byte[perThread[thread]];
            objectsOf[thread] = new int[perThread[thread]];
            sequencesOf[thread] = new int[perThread[thread]];
        }
        int[] next = new int[threads];
        for (int i = 0; i < count; i++) {
            int thread = threadOf[i];
            int at = next[thread]++;
            kindsOf[thread][at] = kinds[i];
            objectsOf[thread][at] = objects[i];
            sequencesOf[thread][at] = sequences[i];
        }
        int[] firstSize = firstSizes();
        return new ReplayPlan(
                kindsOf, objectsOf, sequencesOf, operationsPerObject, firstSize, sizes(firstSize), demandBytes());
    }

    private int[] firstSizes() {
        int[] first = new int[operationsPerObject.length];
        for (int object = 1; object < first.length; object++) {
            first[object] = first[object - 1] + operationsPerObject[object - 1];
        }
        return first;
    }

    private long[] sizes(int[] firstSize) {
        long[] sizes = new long[count];
        for (int i = 0; i < count; i++) {
            sizes[firstSize[objects[i]] + sequences[i]] = bytes[i];
        }
        return sizes;
    }

    /** Every object that threads share may be live at any time; the others follow their thread's own list. */
    private long demandBytes() {
        long[] footprint = new long[operationsPerObject.length];
        long[] liveBytes = new long[threads];
        long[] peakBytes = new long[threads];
        long sharedBytes = 0;
        for (int i = 0; i < count; i++) {
            int object = objects[i];
            int thread = threadOf[i];
            long now = kinds[i] == TraceOperation.FREE ? 0 : footprint(bytes[i]);
            if (ownerOfObject[object] == SHARED) {
                sharedBytes += Math.max(0, now - footprint[object]);
                footprint[object] = Math.max(now, footprint[object]);
            } else {
                liveBytes[thread] += now - footprint[object];
                peakBytes[thread] = Math.max(peakBytes[thread], liveBytes[thread]);
                footprint[object] = now;
            }
        }
        return sharedBytes + Arrays.stream(peakBytes).sum();
    }

    private static long footprint(long bytes) {
        return bytes <= FOOTPRINT_BYTES_MIN ? FOOTPRINT_BYTES_MIN : Long.highestOneBit(bytes - 1) << 1;
    }
}
