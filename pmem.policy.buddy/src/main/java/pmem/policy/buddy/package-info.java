/**
 * The buddy policy: a map of head tags on media, trees of free units in DRAM.
 *
 * <p>Media knows nothing but where blocks start and how long they are ({@link pmem.policy.buddy.HeadTagLayout}), so
 * splits and merges cost no write at all. Everything else ({@link pmem.policy.buddy.FreeTrees}) is rebuilt from that
 * map when a pool is opened. The package implements {@link pmem.spi.Policy} and is reached through it only.
 */
package pmem.policy.buddy;
