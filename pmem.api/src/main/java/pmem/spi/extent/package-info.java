/**
 * Extents of pages with one table word each: the building block of policies that cut slabs from a page space.
 *
 * <p>{@link pmem.spi.extent.ExtentTableLayout} says where things are on media and {@link pmem.spi.extent.ExtentWord} what a
 * table word means. {@link pmem.spi.extent.FreeExtents} and {@link pmem.spi.extent.ExtentMap} are the volatile side.
 * {@link pmem.spi.extent.ExtentPolicy} joins them and leaves one question to a policy: from which slab a block is claimed.
 * A policy whose space is not made of pages does not need this package.
 */
package pmem.spi.extent;
