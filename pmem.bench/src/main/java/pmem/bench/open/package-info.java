/**
 * What opening a crashed pool costs.
 *
 * <p>{@link pmem.bench.open.RecoveryCost} makes a pool, leaves it as a crash would, opens it many times in one JVM and says where
 * the time went. Not a JMH benchmark: what is measured happens once per open, and each open needs a crash before it.
 */
package pmem.bench.open;
