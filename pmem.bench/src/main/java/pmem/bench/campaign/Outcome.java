package pmem.bench.campaign;

import java.util.List;

/**
 * What a campaign gave.
 *
 * @param results by workload, then by allocator, in the order of the plan
 * @param notRun what is lacking, with reasons
 */
public record Outcome(List<Result> results, List<NotRun> notRun) {}
