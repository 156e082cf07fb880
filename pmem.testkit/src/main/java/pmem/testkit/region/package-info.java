/**
 * The simulated memory under every crash test: it records which stores could be on media at each moment.
 *
 * <p>{@link pmem.testkit.region.SimulatedRegion} stands in for the mapped region of a pool; {@link pmem.testkit.crash} asks it
 * for the images a power cut could leave.
 */
package pmem.testkit.region;
