package pmem.tool.demo;

import java.util.Arrays;
import pmem.tool.trace.Trace;
import pmem.tool.trace.TraceOperation;

/**
 * What each thread of the child does, over and over: an ordered list of operations that ends with everything freed. Immutable.
 *
 * <p>An object goes through <em>versions</em>: 0 at first, one more with each operation on it. It is live unless its version is a
 * multiple of its operations per iteration. Operation n of an object may run once the object has version n; so threads that
 * share an object keep the recorded order, and every operation waits only for operations earlier in that order: no two threads
 * wait for each other.
 */
final class ReplayPlan {
    private final byte[][] kinds;
    private final int[][] objects;
    private final int[][] sequences;
    private final int[] operationsPerObject;
    private final int[] firstSizeOfObject;
    private final long[] sizes;
    private final long demandBytes;

    ReplayPlan(
            byte[][] kinds,
            int[][] objects,
            int[][] sequences,
            int[] operationsPerObject,
            int[] firstSizeOfObject,
            long[] sizes,
            long demandBytes) {
        this.kinds = kinds;
        this.objects = objects;
        this.sequences = sequences;
        this.operationsPerObject = operationsPerObject;
        this.firstSizeOfObject = firstSizeOfObject;
        this.sizes = sizes;
        this.demandBytes = demandBytes;
    }

    /**
     * Folds a trace onto threads. A trace of one thread is replayed by each of them, with objects of its own. The threads of
     * another trace are shared out, busiest first, each to the thread with the least to do.
     */
    static ReplayPlan fold(Trace trace, int threads) {
        boolean copies = trace.threadCount() == 1;
        ReplayPlanBuilder builder = new ReplayPlanBuilder(threads, trace.objectCount() * (copies ? threads : 1));
        if (copies) {
            for (int thread = 0; thread < threads; thread++) {
                addAll(trace, builder, thread * trace.objectCount(), constant(trace.threadCount(), thread));
            }
        } else {
            addAll(trace, builder, 0, sharedOut(trace, threads));
        }
        return builder.build();
    }

    private static void addAll(Trace trace, ReplayPlanBuilder builder, int firstObject, int[] threadOf) {
        for (int i = 0; i < trace.operationCount(); i++) {
            builder.add(threadOf[trace.thread(i)], trace.kind(i), firstObject + trace.object(i), trace.bytes(i));
        }
    }

    private static int[] constant(int length, int value) {
        int[] array = new int[length];
        Arrays.fill(array, value);
        return array;
    }

    private static int[] sharedOut(Trace trace, int threads) {
        long[] operations = new long[trace.threadCount()];
        for (int i = 0; i < trace.operationCount(); i++) {
            operations[trace.thread(i)]++;
        }
        int[] threadOf = constant(trace.threadCount(), -1);
        long[] load = new long[threads];
        for (int round = 0; round < threadOf.length; round++) {
            int busiest = -1;
            for (int i = 0; i < threadOf.length; i++) {
                busiest = threadOf[i] < 0 && (busiest < 0 || operations[i] > operations[busiest]) ? i : busiest;
            }
            int idlest = 0;
            for (int i = 1; i < threads; i++) {
                idlest = load[i] < load[idlest] ? i : idlest;
            }
            threadOf[busiest] = idlest;
            load[idlest] += operations[busiest];
        }
        return threadOf;
    }

    int threadCount() {
        return kinds.length;
    }

    int objectCount() {
        return operationsPerObject.length;
    }

    /** Operations of one iteration of a thread; 0 if the trace has too few threads to keep it busy. */
    int operationCount(int thread) {
        return kinds[thread].length;
    }

    /** Bytes live blocks can take at most, each rounded up to a power of two, whatever the threads' progress. */
    long demandBytes() {
        return demandBytes;
    }

    /** One of the constants of {@link TraceOperation}. */
    byte kind(int thread, long position) {
        return kinds[thread][index(thread, position)];
    }

    int object(int thread, long position) {
        return objects[thread][index(thread, position)];
    }

    /** The version the object must have before the operation can run. */
    long requiredVersion(int thread, long position) {
        int index = index(thread, position);
        long iteration = position / kinds[thread].length;
        return iteration * operationsPerObject[objects[thread][index]] + sequences[thread][index];
    }

    private int index(int thread, long position) {
        return (int) (position % kinds[thread].length);
    }

    boolean isLive(int object, long version) {
        return version % operationsPerObject[object] != 0;
    }

    /** Bytes asked for by the operation that made this version, which is a live one. */
    long bytes(int object, long version) {
        int sequence = (int) (version % operationsPerObject[object]);
        return sizes[firstSizeOfObject[object] + sequence - 1];
    }
}
