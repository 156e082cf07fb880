/**
 * The protocol that makes changes durable, and what undoes unfinished ones.
 *
 * <p>{@code *Layout} classes alone know media offsets. {@code PoolPoints} names every write-back and fence with the order it
 * establishes. {@code UndoLog}, {@code RootTable} and {@code Superblock} are the persistent structures; {@code Reservations}
 * and {@code Claims} are volatile. {@code CommitEngine} and {@code RecoveryTransaction} are the two halves of the commit
 * protocol, {@code PoolCreation} and {@code PoolOpening} the two ways a pool begins, and {@code RegionPool} is the face.
 *
 * <p>{@code OpenDecision} tells what a region is. {@code PoolCheck} and {@code PoolRepair} work through an {@code
 * OverlayRegion}, which keeps their stores to itself; {@code RepairPlan} goes through {@code SuperblockRepair}, {@code LogRepair},
 * the policy's own repair and {@code RootRepair}. {@code PoolAudit} follows references from the roots.
 */
package pmem.recovery;
