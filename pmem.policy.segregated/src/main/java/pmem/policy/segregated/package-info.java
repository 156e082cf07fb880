/**
 * Placement by size classes in slabs, each with its bitfield in its own first lines.
 *
 * <p>{@link pmem.policy.segregated.SlabHeaderLayout} says where a slab's bits and blocks are,
 * {@link pmem.policy.segregated.SlabOwner} keeps the slabs that a thread or a group of threads claims from,
 * {@link pmem.policy.segregated.GivenBackSlabs} brings back what other threads released, and
 * {@link pmem.policy.segregated.SegregatedPolicy} joins the owners with the extent table of {@link pmem.spi.extent}.
 */
package pmem.policy.segregated;
