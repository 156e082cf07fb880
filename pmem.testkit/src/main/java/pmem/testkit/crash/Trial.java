package pmem.testkit.crash;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolAccess;

/**
 * What an {@link Operation} acts on: a pool, and the live blocks that belong to the operation's thread, oldest first. Used by
 * one thread.
 */
public final class Trial {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int ROOT_NAME_FILL = 100;

    private final CallSink sink;
    private final Reopener reopener;
    private final Sizes sizes;
    private final String rootName;
    private final List<Block> live;
    private Pool pool;
    private long lastTag;
    private long rootHandle = Handles.NONE;
    // Serials of blocks whose word at offset 8 only pool calls change.
    private final Set<Long> linked = new HashSet<>();
    private boolean grouped;
    private Optional<Block> shared = Optional.empty();
    private Optional<PoolAccess> access = Optional.empty();
    private String sharedRootName = "";
    private long sharedRootHandle = Handles.NONE;

    /** Closes the pool and opens it again on the same memory. */
    interface Reopener {
        Pool reopen(Trial trial, boolean grouped);
    }

    Trial(CallSink sink, Reopener reopener, Pool pool, Sizes sizes, String rootName, List<Block> live, long firstTag) {
        this.sink = sink;
        this.reopener = reopener;
        this.pool = pool;
        this.sizes = sizes;
        this.rootName = rootName;
        this.live = new ArrayList<>(live);
        this.lastTag = firstTag;
    }

    /** A thread's root name, longer than a line, so that name and handle can reach media apart. */
    static String rootNameOf(int thread) {
        return "root-of-thread-" + thread + "-".repeat(ROOT_NAME_FILL);
    }

    /** The pool, open. */
    public Pool pool() {
        return pool;
    }

    /** The thread's access to the pool, opened by the first call. */
    public PoolAccess access() {
        PoolAccess opened = access.orElseGet(pool::access);
        access = Optional.of(opened);
        return opened;
    }

    /** Gives the access up, if there is one. */
    public void releaseAccess() {
        access.ifPresent(PoolAccess::release);
        access = Optional.empty();
    }

    /** Hands the access of what came before to the one thread that goes on with it. */
    void inheritAccess(Trial before) {
        access = before.access;
    }

    /** The block sizes to use. */
    public Sizes sizes() {
        return sizes;
    }

    /** A root name no other thread uses. */
    public String rootName() {
        return rootName;
    }

    /** Whether that root is set. */
    public boolean isRootSet() {
        return rootHandle != Handles.NONE;
    }

    /** The handle that root has. */
    public long rootHandle() {
        return rootHandle;
    }

    /** The live block of this thread that the root names, if it is one. */
    public Optional<Block> rootBlock() {
        return live.stream().filter(block -> block.handle() == rootHandle).findFirst();
    }

    /** Whether the pool makes changes durable in groups. */
    public boolean isGrouped() {
        return grouped;
    }

    /** How many changes wait for the next flush. */
    public int unsynced() {
        return sink.unsynced();
    }

    /** The slot at offset 8 of a block: a link once {@link #makeLink} was called for it. */
    public long slotOf(Block block) {
        return isLinked(block) ? pool.link(block.handle(), Long.BYTES) : pool.slot(block.handle(), Long.BYTES);
    }

    /** From now on only pool calls change the block's word at offset 8. */
    public void makeLink(Block block) {
        linked.add(block.serial());
    }

    /** Whether only pool calls change the block's word at offset 8. */
    public boolean isLinked(Block block) {
        return linked.contains(block.serial());
    }

    /** Goes on where another trial of the same pool is. */
    void inherit(Trial before) {
        linked.addAll(before.linked);
        sharedRootName = before.rootName;
        sharedRootHandle = before.rootHandle;
        if (before.rootName.equals(rootName)) {
            rootHandle = before.rootHandle;
        }
    }

    /** This thread's live blocks, oldest first. */
    public List<Block> live() {
        return Collections.unmodifiableList(live);
    }

    /** A block that both of two threads may free, if there is one; the pool lets one of them succeed. */
    public Optional<Block> shared() {
        return shared;
    }

    /** Name of the root both threads may change. */
    public String sharedRootName() {
        return sharedRootName;
    }

    /** What that root named when both threads began. */
    public long sharedRootHandle() {
        return sharedRootHandle;
    }

    void share(Block block) {
        shared = Optional.of(block);
    }

    /** A number not returned before in this trial, for contents. */
    public long nextTag() {
        return ++lastTag;
    }

    /**
     * Makes one call to the pool; power is cut at every moment of it and right after.
     *
     * @param description the call as a reader would write it
     * @param body makes the call and returns what it changed
     * @return whether it changed anything; not if the pool had no room
     */
    public boolean call(String description, Supplier<List<Change>> body) {
        return call(description, List.of(), body);
    }

    /**
     * Makes one call that may be refused because of what another thread does. Before it returns nobody knows whether it will
     * be, so a crash may show it done.
     *
     * @param description the call as a reader would write it
     * @param attempted what it changes if it is not refused
     * @param body makes the call and returns what it changed, nothing if it was refused
     * @return whether it changed anything
     */
    public boolean call(String description, List<Change> attempted, Supplier<List<Change>> body) {
        List<Change> changes = sink.call(description, attempted, body);
        changes.forEach(this::note);
        return !changes.isEmpty();
    }

    /** As {@link #call(String, Supplier)}, for a call that group commit makes durable later. */
    public boolean groupableCall(String description, Supplier<List<Change>> body) {
        List<Change> changes = sink.groupableCall(description, List.of(), body);
        changes.forEach(this::note);
        return !changes.isEmpty();
    }

    /** Makes everything so far durable. */
    public void sync() {
        sink.syncCall("sync", pool::sync);
    }

    private void note(Change change) {
        for (Block removed : change.removed()) {
            live.removeIf(block -> block.serial() == removed.serial());
        }
        for (Block block : change.added()) {
            int index = indexOf(block.serial());
            if (index < 0) {
                live.add(block);
            } else {
                live.set(index, block);
            }
        }
        for (Block resized : change.resized()) {
            live.replaceAll(block -> block.serial() == resized.serial() ? block.resized(resized.usableBytes()) : block);
        }
        if (change.roots().containsKey(rootName)) {
            rootHandle = change.roots().get(rootName);
        }
    }

    private int indexOf(long serial) {
        for (int i = 0; i < live.size(); i++) {
            if (live.get(i).serial() == serial) {
                return i;
            }
        }
        return -1;
    }

    /** A block of unknown content for a handle the pool has just returned. */
    public Block blockOf(long handle, long askedBytes) {
        return Block.unknown(nextTag(), handle, pool.usableBytes(handle), askedBytes);
    }

    /** Stores a block's content into its segment, without making it durable. */
    public void store(Block block) {
        store(pool.segment(block.handle()), block);
    }

    /** As {@link #store(Block)}, into a segment at hand. */
    public void store(MemorySegment segment, Block block) {
        if (block.contentKnown()) {
            segment.set(WORD, 0, block.first());
            segment.set(WORD, Long.BYTES, block.second());
            segment.set(WORD, block.lastOffset(), block.last());
        }
    }

    /** Fills the newest block and makes the content durable; nothing happens if it is too small. */
    public void fillNewest() {
        Block block = live.getLast();
        Block filled = block.filled(nextTag());
        if (filled.contentKnown()) {
            groupableCall("persist the content of 0x" + Long.toHexString(block.handle()), () -> {
                store(filled);
                pool.persist(block.handle(), 0, block.askedBytes());
                return List.of(Change.put(filled));
            });
        }
    }

    /** Looks at no more than the first bytes of the newest block from now on, and makes the last word of them durable. */
    public void cutNewest(long bytes) {
        Block block = live.getLast();
        if (bytes >= block.askedBytes()) {
            return;
        }
        Block cut = block.cut(bytes, nextTag());
        groupableCall("persist the last of " + bytes + " bytes of 0x" + Long.toHexString(block.handle()), () -> {
            store(cut);
            pool.persist(block.handle(), 0, bytes);
            return List.of(Change.put(cut));
        });
    }

    /** Closes the pool and opens it again, with or without group commit. */
    public void reopen(boolean withGroupCommit) {
        access = Optional.empty();
        pool = reopener.reopen(this, withGroupCommit);
        grouped = withGroupCommit;
    }
}
