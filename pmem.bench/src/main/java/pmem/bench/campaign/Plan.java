package pmem.bench.campaign;

import java.util.List;
import pmem.bench.allocator.Subject;
import pmem.bench.measure.WorkloadSpec;

/**
 * What is to be measured, and how long.
 *
 * @param workloads in the order of the results
 * @param subjects in the order of the results
 * @param rounds rounds of each workload on each allocator
 * @param roundNanos length of a round
 * @param warmUpNanos length of the round before them, which is thrown away; programs in C warm up for one round
 * @param forkPerWorkload whether each workload gets new processes; else a process does one after the other, which is quicker
 * @param capacityBytes size of each pool
 */
public record Plan(
        List<WorkloadSpec> workloads,
        List<Subject> subjects,
        int rounds,
        long roundNanos,
        long warmUpNanos,
        boolean forkPerWorkload,
        long capacityBytes) {
    /** Most threads of a workload. */
    public int threadsMax() {
        return workloads.stream().mapToInt(WorkloadSpec::threads).max().orElse(1);
    }

    /** Rounds in all, warm-up included, if every allocator did every workload. */
    public long steps() {
        return (long) workloads.size() * subjects.size() * (rounds + 1);
    }
}
