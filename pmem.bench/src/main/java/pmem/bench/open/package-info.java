/**
 * What opening a pool costs.
 *
 * <p>{@link pmem.bench.open.RecoveryCost} makes a pool, leaves it as a crash would, opens it many times in one JVM and says where
 * the time went. {@link pmem.bench.open.PlacementCost} says what making pages at open takes and saves. Not JMH benchmarks: what is
 * measured happens once per open, and each open needs a crash or fresh memory before it.
 */
package pmem.bench.open;
