/**
 * Placement by size classes in slabs, each with its bitfield in its own first lines.
 *
 * <p>{@link pmem.policy.segregated.SlabHeaderLayout} says where a slab's bits and blocks are,
 * {@link pmem.policy.segregated.ThreadArena} keeps the slabs that a group of threads claims from, and
 * {@link pmem.policy.segregated.SegregatedPolicy} joins the arenas with the extent table of {@link pmem.spi.extent}.
 */
package pmem.policy.segregated;
