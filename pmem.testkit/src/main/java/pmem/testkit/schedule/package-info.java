/**
 * Threads in a chosen order: each stops at every access to the region, and a schedule says who goes on.
 *
 * <p>{@link pmem.testkit.schedule.ScheduledRegion} stops them, {@link pmem.testkit.schedule.Interleaver} lets one go, and
 * {@link pmem.testkit.schedule.Schedule} decides which. The crash explorer combines this with a power cut at every step.
 */
package pmem.testkit.schedule;
