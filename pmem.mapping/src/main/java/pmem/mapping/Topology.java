package pmem.mapping;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which NUMA node a thread runs on: the kernel's list of processors of each node, read once, and the processor that the C library says
 * the thread is on. Linux only. Thread-safe.
 */
final class Topology {
    /** This machine. */
    static final Topology SYSTEM = new Topology(Sysfs.SYSTEM);

    private static final int UNKNOWN = -1;

    // The kernel keeps the answer in a page of the process: no system call.
    private static final MethodHandle PROCESSOR =
            NativeFunctions.criticalFunction("sched_getcpu", FunctionDescriptor.of(JAVA_INT));

    private final int[] nodeOfProcessor;

    Topology(Sysfs sysfs) {
        int[] nodes = {};
        for (int node : sysfs.nodes()) {
            for (int processor : sysfs.processorsOf(node)) {
                int length = nodes.length;
                if (processor >= length) {
                    nodes = Arrays.copyOf(nodes, processor + 1);
                    Arrays.fill(nodes, length, processor + 1, UNKNOWN);
                }
                nodes[processor] = node;
            }
        }
        nodeOfProcessor = nodes;
    }

    /** Number of the node that the calling thread is on at the moment, negative if that is not known. */
    int nodeOfThread() {
        return nodeOf(processor());
    }

    /** Number of the node that a processor belongs to, negative if that is not known. */
    int nodeOf(int processor) {
        return processor >= 0 && processor < nodeOfProcessor.length ? nodeOfProcessor[processor] : UNKNOWN;
    }

    private static int processor() {
        try {
            return (int) PROCESSOR.invokeExact();
        } catch (Throwable failure) {
            throw Posix.unexpected("sched_getcpu", failure);
        }
    }

    /** Reads what the kernel writes as {@code 0-3,8}; nothing if it is anything else. */
    static List<Integer> numbers(String list) {
        try {
            return Arrays.stream(list.split(",", -1))
                    .filter(part -> !part.isBlank())
                    .flatMap(Topology::range)
                    .toList();
        } catch (NumberFormatException notAList) {
            return List.of();
        }
    }

    private static Stream<Integer> range(String part) {
        int dash = part.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
        int last = Integer.parseInt(part.substring(dash + 1));
        return IntStream.rangeClosed(first, last).boxed();
    }
}
