package pmem.bench.campaign;

import java.util.OptionalDouble;
import pmem.bench.allocator.Subject;
import pmem.bench.measure.WorkloadSpec;

/**
 * One row: an allocator under a workload.
 *
 * @param spec the workload
 * @param subject the allocator
 * @param nanosPerOperation median of the rounds; one operation is one allocate or one free
 * @param error half of the distance between the quartiles of the rounds, nanoseconds
 * @param garbageBytesPerOperation median of the Java heap bytes an operation leaves; empty if unknown
 * @param linesPerOperation cache lines written back; empty if unknown
 * @param fencesPerOperation fences; empty if unknown
 */
public record Result(
        WorkloadSpec spec,
        Subject subject,
        double nanosPerOperation,
        double error,
        OptionalDouble garbageBytesPerOperation,
        OptionalDouble linesPerOperation,
        OptionalDouble fencesPerOperation) {}
