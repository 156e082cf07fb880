/**
 * Maps a pool's bytes, locks its file, and moves cache lines or pages to media.
 *
 * <p>Below the one seam {@link pmem.spi.Region}: {@link pmem.mapping.PoolFile} owns descriptor, lock and name,
 * {@link pmem.mapping.AddressRange} the addresses, {@link pmem.mapping.Mechanism} what a write-back and a fence do, and
 * {@link pmem.mapping.MappedRegion} joins them. {@link pmem.mapping.Posix} alone calls the system.
 */
package pmem.mapping;
