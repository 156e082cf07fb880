/**
 * Placement by arenas of equal blocks with a bitmap on media.
 *
 * <p>A {@link pmem.policy.bitmap.Arena} claims blocks by compare-and-set on its copy of the bitmap in DRAM, an
 * {@link pmem.policy.bitmap.ArenaClass} keeps the arenas of one block size, and {@link pmem.policy.bitmap.BitmapPolicy} joins
 * the classes with the extent table of {@link pmem.spi.extent}. No blocks are cached and no thread runs in the background.
 */
package pmem.policy.bitmap;
