/**
 * Placement by size classes in slabs, each with its bitfield in its own first lines.
 *
 * <p>{@link pmem.policy.segregated.SlabHeaderLayout} says where a slab's bits and blocks are.
 * {@link pmem.policy.segregated.SlabOwner} claims for a thread or a group of threads from its slabs, a
 * {@link pmem.policy.segregated.SlabSet}; {@link pmem.policy.segregated.GivenBackSlabs} brings back what other threads released.
 * {@link pmem.policy.segregated.SlabOwners} are all of them, {@link pmem.policy.segregated.ThreadOwners} those that threads without an
 * access are bound to. {@link pmem.policy.segregated.SegregatedPolicy} joins them with the
 * extent table of {@link pmem.spi.extent}, and {@link pmem.policy.segregated.Upkeep} is what its maintainer does.
 */
package pmem.policy.segregated;
