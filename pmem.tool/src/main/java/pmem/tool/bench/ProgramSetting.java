package pmem.tool.bench;

import java.util.List;
import pmem.bench.campaign.Plan;
import pmem.tool.trace.Trace;

/**
 * What programs are given.
 *
 * @param policies ids of the policies
 * @param traces recorded allocations
 * @param threads how many threads, for each time a program is run on several
 * @param full whether there is time for large figures
 * @param plan that of the workloads, for its subjects and times
 */
record ProgramSetting(List<String> policies, List<Trace> traces, List<Integer> threads, boolean full, Plan plan) {}
