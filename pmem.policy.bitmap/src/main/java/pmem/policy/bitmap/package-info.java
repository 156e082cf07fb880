/**
 * Placement by arenas of equal blocks with a bitmap on media.
 *
 * <p>{@link pmem.policy.bitmap.ArenaLayout} says where an arena's bits and blocks are. An {@link pmem.policy.bitmap.Arena} claims
 * blocks by compare-and-set on its copy of the bitmap in DRAM, an {@link pmem.policy.bitmap.ArenaClass} keeps the arenas of one
 * block size, {@link pmem.policy.bitmap.EmptyArenas} those that became empty, and an {@link pmem.policy.bitmap.ArenaGroup} those
 * of a scope. {@link pmem.policy.bitmap.BitmapPolicy} joins them with the extent table of {@link pmem.spi.extent}. No blocks are
 * cached and no thread runs in the background.
 */
package pmem.policy.bitmap;
