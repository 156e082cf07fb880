package pmem.recovery;

import java.util.List;
import pmem.spi.PersistPoint;

/** Every point at which the pool writes back or fences; see {@link PersistPoint}. */
final class PoolPoints {
    static final PersistPoint CREATE_BEGUN = new PersistPoint(
            "create.begun",
            "The creation mark is on media before anything else is written. With the mark alone, open reports an unfinished"
                    + " pool and create starts over; without it the region still reads as it did before.");
    static final PersistPoint CREATE_CONTENT = new PersistPoint(
            "create.content",
            "Superblock bodies, log, roots and policy metadata are on media before a magic number is. Before it, open reports"
                    + " an unfinished pool; a magic number therefore vouches for all of them.");
    static final PersistPoint CREATE_MAGIC = new PersistPoint(
            "create.magic",
            "A magic number is on its way to media before open marks the pool as running, whose fence completes it. With one of"
                    + " the two, open heals the other copy; with none, the pool is unfinished.");
    static final PersistPoint OPEN_MARKED = new PersistPoint(
            "open.marked",
            "The run mark is on media before open returns, and with it healed superblock copies, retired lanes and a new pool's"
                    + " magic numbers. A pool found with the mark was not closed; without it nothing was changed since the last close.");
    static final PersistPoint CLOSE_MARKED = new PersistPoint(
            "close.marked",
            "The clean mark is on media before close returns, and after every change of the pool. Without it the next open"
                    + " reports a crash, and finds the same blocks.");
    static final PersistPoint ALLOCATE = new PersistPoint(
            "allocate.state",
            "The state field of the block is on media before allocate returns. Without it the block is free; with it the"
                    + " block is allocated.");
    static final PersistPoint ALLOCATE_ZEROED = new PersistPoint(
            "allocate.zeroed",
            "The zeros of a block are on media before its state field is set. Without the field the block is free, whatever its"
                    + " content; with it the block is zero.");
    static final PersistPoint ALLOCATE_ALL = new PersistPoint(
            "allocate-all.state",
            "The state fields of all blocks are on media before allocateAll returns. Any subset of them may be there before.");
    static final PersistPoint FREE = new PersistPoint(
            "free.state",
            "The cleared state field is on media before the space can be reserved again and before free returns. Without it"
                    + " the block is still allocated, with its content untouched.");
    static final PersistPoint FREE_ALL = new PersistPoint(
            "free-all.state",
            "The cleared state fields are on media before any of the space can be reserved again and before freeAll returns."
                    + " Any subset of them may be there before.");
    static final PersistPoint FREE_REFUSED = new PersistPoint(
            "free.refused",
            "A state field that a refused free had cleared for a moment is set on media before the refusal returns. Without"
                    + " it the block could be found free although nobody freed it.");
    static final PersistPoint PUBLISH = new PersistPoint(
            "publish.state",
            "Content and state field of the block are on media before publish returns. Without the field the block is free,"
                    + " whatever its content.");
    static final PersistPoint REALLOCATE_GROWN = new PersistPoint(
            "reallocate.grown",
            "The state field with the larger length is on media before reallocate returns. The space it takes in was claimed in"
                    + " memory and free on media before, so with the old length that space is free, with the new one it is the"
                    + " block's.");
    static final PersistPoint REALLOCATE_SHRUNK = new PersistPoint(
            "reallocate.shrunk",
            "The state field with the smaller length is on media before the end of the block can be reserved again and before"
                    + " reallocate returns. Without it the block still has that end.");
    static final PersistPoint LOG_ENTRIES = new PersistPoint(
            "log.entries",
            "All entries of the operation, and the content of blocks it allocates, are on media before the first word they"
                    + " name is changed. With an incomplete set nothing was changed, and recovery has nothing to undo.");
    static final PersistPoint LOG_CHANGES = new PersistPoint(
            "log.changes",
            "All changed words are on media before the entries are retired. With live entries recovery puts every old value"
                    + " back, whichever of the changes are there.");
    static final PersistPoint LOG_RETIRED = new PersistPoint(
            "log.retired",
            "The lane's new sequence is on media before the operation returns and before freed blocks can be reserved again."
                    + " With it the operation is final; without it recovery undoes it.");
    static final PersistPoint LOG_SNAPSHOT = new PersistPoint(
            "log.snapshot",
            "The old values of a range are on media before snapshot returns, so before the transaction changes the range in"
                    + " place. With an incomplete group the range was not changed, and recovery leaves it.");
    static final PersistPoint LOG_UNDONE = new PersistPoint(
            "log.undone",
            "The old values an abort puts back are on media before its entries are retired. With live entries recovery puts"
                    + " them back itself.");
    static final PersistPoint LINK_INTENT = new PersistPoint(
            "link.intent",
            "The intent, the content of a block to be published, and the retirement of the lane's operation before are on media"
                    + " before the slot or a state field is changed. Without the intent nothing was changed.");
    static final PersistPoint LINK_CHANGES = new PersistPoint(
            "link.changes",
            "Slot and state fields are on media before the intent is retired. With a live intent recovery looks at the slot: if"
                    + " it holds the new value, the fields are set accordingly, else they are put back.");
    static final PersistPoint LINK_RETIRED = new PersistPoint(
            "link.retired",
            "The lane's new sequence is on media before an operation on an ordinary slot returns, since from then on the"
                    + " application may store to the slot, and an intent found live would be decided by that value.");
    static final PersistPoint LINK_SETTLED = new PersistPoint(
            "link.settled",
            "The new sequence of a lane whose operation on a link was left open is on media before anything it named changes:"
                    + " the link, its blocks, the memory that holds it, or the lane. Otherwise recovery would decide the old"
                    + " intent by what came later.");
    static final PersistPoint GROUP_SYNC = new PersistPoint(
            "group.sync",
            "With group durability, every state field changed before the flush began is on media before sync returns and before"
                    + " the space of a block freed before it is reserved again. Any subset of the changes since the flush"
                    + " before may be there.");
    static final PersistPoint RECOVERY_RESTORED = new PersistPoint(
            "recovery.restored",
            "All restored words are on media before their lanes are retired. A crash before it leaves the entries live, and"
                    + " the next recovery restores the same values again.");
    static final PersistPoint RECOVERY_RETIRED = new PersistPoint(
            "recovery.retired",
            "The new sequences of undone lanes are on their way to media before open marks the pool as running, whose fence"
                    + " completes them. Otherwise old entries could be found live after the blocks they name were given to others.");
    static final PersistPoint ROOT_NAME = new PersistPoint(
            "root.name",
            "Name and length of a new root are on media before its handle. Without the handle the slot is free, whatever the"
                    + " name.");
    static final PersistPoint ROOT_HANDLE = new PersistPoint(
            "root.handle",
            "The handle of a root is on media before setRoot returns. The one word tells old from new; zero says removed.");
    static final PersistPoint GROW_LENGTH = new PersistPoint(
            "grow.length",
            "The region's new length, with its storage, is on media before the superblock says that the pool is larger. Without"
                    + " the length the pool has its old size; a length without the larger size is a region of which the rest is"
                    + " not used.");
    static final PersistPoint GROW_CAPACITY = new PersistPoint(
            "grow.capacity",
            "The pool's new capacity is on media before the policy gets the new space and before grow returns. Without it the"
                    + " pool has its old size, so no block may be in the new space yet.");
    static final PersistPoint SHRINK_CAPACITY = new PersistPoint(
            "shrink.capacity",
            "The pool's smaller capacity is on media before the region becomes shorter. Without it the pool has its old size, which"
                    + " a shorter region would contradict; with it the cut-off part is not used, whether it is still there or not.");
    static final PersistPoint USER_DATA = new PersistPoint(
            "user.data",
            "Bytes the application wrote back are on media before its fence returns; nothing of the pool depends on"
                    + " them.");

    static final List<PersistPoint> ALL = List.of(
            CREATE_BEGUN,
            CREATE_CONTENT,
            CREATE_MAGIC,
            OPEN_MARKED,
            CLOSE_MARKED,
            ALLOCATE,
            ALLOCATE_ZEROED,
            ALLOCATE_ALL,
            FREE,
            FREE_ALL,
            FREE_REFUSED,
            PUBLISH,
            REALLOCATE_GROWN,
            REALLOCATE_SHRUNK,
            LOG_ENTRIES,
            LOG_CHANGES,
            LOG_RETIRED,
            LOG_SNAPSHOT,
            LOG_UNDONE,
            LINK_INTENT,
            LINK_CHANGES,
            LINK_RETIRED,
            LINK_SETTLED,
            GROUP_SYNC,
            RECOVERY_RESTORED,
            RECOVERY_RETIRED,
            ROOT_NAME,
            ROOT_HANDLE,
            GROW_LENGTH,
            GROW_CAPACITY,
            SHRINK_CAPACITY,
            USER_DATA);

    private PoolPoints() {}
}
