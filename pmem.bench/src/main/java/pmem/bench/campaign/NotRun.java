package pmem.bench.campaign;

import pmem.bench.allocator.Subject;

/**
 * An allocator that was not run, or not under a workload.
 *
 * @param subject the allocator
 * @param workload title of the workload, or {@value #EVERY}
 * @param reason why, one line
 */
public record NotRun(Subject subject, String workload, String reason) {
    /** Stands for every workload. */
    public static final String EVERY = "all";
}
