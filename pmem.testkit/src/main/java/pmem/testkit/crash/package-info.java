/**
 * The crash explorer: runs all short sequences of operations on a tiny pool, cuts the power at every moment, recovers every
 * image that media could hold, and compares with a model.
 *
 * <p>Start with {@link pmem.testkit.crash.CrashExplorer#of(String)}. It stands on {@link pmem.testkit.region} for the images
 * and on {@link pmem.testkit.schedule} for two threads.
 */
package pmem.testkit.crash;
