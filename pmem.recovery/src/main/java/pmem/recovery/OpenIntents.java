package pmem.recovery;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import pmem.api.Handles;
import pmem.api.TransactionException;
import pmem.spi.Policy;
import pmem.spi.Region;

/**
 * What the operations on slots have named whose retirement is not on media yet, by lane. Volatile.
 *
 * <p>An operation on a link returns when its changes are on media; the fence of its retirement is left to the lane's next
 * operation. Until then a crash would find the intent live and decide again by the slot, so the slot, the block published
 * and the block freed must stay as they are, and so must the memory that holds the slot. Whoever would change one of them
 * <em>settles</em> first: writes the lane's header back and fences. The space of a freed block goes back to the policy only
 * then.
 *
 * <p>A record has a state word (operation number and phase) and two sets of names, used in turn, since at the start of
 * an operation the names of the one before still count. Records are written by whoever holds the lane, and read by all:
 * names before the state (release), state before and after the names (acquire), as in a sequence lock. Against
 * {@code free}, which takes no lock, the order is Dekker's, as in {@link Claims}.
 */
final class OpenIntents {
    private static final long[] NO_STATES = {};
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    // Phases. Retired: nothing is named. Begun: names of this operation and, if it was left open, of the one before.
    // Running: names of this one. Open: complete, retired in the cache only.
    private static final int RETIRED = 0;
    private static final int BEGUN = 1;
    private static final int RUNNING = 2;
    private static final int OPEN = 3;
    private static final int PHASE_BITS = 2;
    private static final int PHASE_MASK = (1 << PHASE_BITS) - 1;

    // Two cache lines a record: the state, then the two sets of names.
    private static final int RECORD_WORDS = 16;
    private static final int SETS_AT = 2;
    private static final int SET_WORDS = 5;
    private static final int SLOT = 0;
    private static final int PUBLISHED = 1;
    private static final int FREED = 2;
    private static final int FREED_VALUE = 3;
    private static final int FREED_BYTES = 4;

    private final Region region;
    private final Policy policy;
    private final UndoLog log;
    private final OpenState openState;
    private final AtomicInteger releasesUnderWay = new AtomicInteger();
    private final long[] records;
    // Freed by the operation before, given to the policy by the holder of the lane after its first fence.
    private final long[] previousFreed;
    private final long[] previousFreedValue;
    // Lanes from here on have never been used: most pools need few, and searches stay short.
    private volatile int lanesUsed;

    OpenIntents(Region region, Policy policy, UndoLog log, OpenState openState) {
        this.region = region;
        this.policy = policy;
        this.log = log;
        this.openState = openState;
        this.records = new long[log.lanes() * RECORD_WORDS];
        this.previousFreed = new long[log.lanes()];
        this.previousFreedValue = new long[log.lanes()];
    }

    /**
     * Announces what the next operation of a lane names, before anything of it is written; the caller then looks whether
     * others have named the same, and reads the state field of the block to be freed only after this.
     *
     * @param slotOffset the slot to be changed, or 0
     * @param published the block to be published, or {@link Handles#NONE}
     * @param freed the block to be freed, or {@link Handles#NONE}
     * @return whether the operation before is still open: then the caller writes the lane's header back before its first fence
     */
    boolean begin(int lane, long slotOffset, long published, long freed) {
        if (lane >= lanesUsed) {
            noteUsed(lane);
        }
        int at = lane * RECORD_WORDS;
        while (true) {
            long state = (long) WORD.getVolatile(records, at);
            boolean open = phase(state) == OPEN;
            int previous = setAt(at, state);
            previousFreed[lane] = open ? records[previous + FREED] : Handles.NONE;
            previousFreedValue[lane] = records[previous + FREED_VALUE];
            int next = setAt(at, state + (1 << PHASE_BITS));
            WORD.setOpaque(records, next + SLOT, slotOffset);
            WORD.setOpaque(records, next + PUBLISHED, published);
            WORD.setOpaque(records, next + FREED, freed);
            WORD.setOpaque(records, next + FREED_BYTES, 0L);
            region.step("intents.begin");
            // A full fence, so whoever frees or claims after this sees the names, or is seen by the caller; it also
            // orders the
            // names before the caller's load of the state field, and pairs with the atomic clear in CommitEngine.free.
            if (WORD.compareAndSet(records, at, state, withPhase(state, BEGUN) + (1 << PHASE_BITS))) {
                return open;
            }
        }
    }

    private synchronized void noteUsed(int lane) {
        openState.namesAreUsed();
        lanesUsed = Math.max(lanesUsed, lane + 1);
    }

    /** Completes {@link #begin} with the value the freed block's state field had, and the bytes that belong to it. */
    void setFreedValue(int lane, long value, long usableBytes) {
        int set = setAt(lane * RECORD_WORDS, records[lane * RECORD_WORDS]);
        WORD.setOpaque(records, set + FREED_VALUE, value);
        WORD.setOpaque(records, set + FREED_BYTES, usableBytes);
        // Orders the names before the caller's look at the names of others.
        VarHandle.fullFence();
    }

    /** The lane's first fence is done, so the operation before is retired on media. */
    void firstFenceDone(int lane) {
        if (previousFreed[lane] != Handles.NONE) {
            region.step("intents.release-freed");
            policy.release(previousFreed[lane], previousFreedValue[lane]);
            previousFreed[lane] = Handles.NONE;
        }
        // After the release: who waits for space waits for this.
        setPhase(lane, RUNNING);
    }

    /** The operation is complete, its retirement stored but not fenced. */
    void leaveOpen(int lane) {
        setPhase(lane, OPEN);
    }

    /** The operation is complete and its retirement on media, or it wrote nothing. */
    void end(int lane) {
        int at = lane * RECORD_WORDS;
        clearNames(setAt(at, records[at]));
        setPhase(lane, RETIRED);
    }

    private void clearNames(int set) {
        WORD.setOpaque(records, set + SLOT, 0L);
        WORD.setOpaque(records, set + PUBLISHED, 0L);
        WORD.setOpaque(records, set + FREED, 0L);
        WORD.setOpaque(records, set + FREED_BYTES, 0L);
    }

    private void setPhase(int lane, int phase) {
        int at = lane * RECORD_WORDS;
        region.step("intents.phase");
        // Release: who still sees the phase before settles or waits for more than it must.
        WORD.setRelease(records, at, withPhase(records[at], phase));
    }

    /** Whether any lane was ever used; while none was, there is nothing to settle. */
    boolean isUsed() {
        return lanesUsed > 0;
    }

    /**
     * Settles every other operation that has named a block or a word inside it.
     *
     * @param operation what the caller is about to do with it
     * @param ownLane the caller's lane, or -1
     * @throws TransactionException if an operation that is still running has named it; nothing was changed
     */
    void settleBlock(String operation, long handle, long bytes, int ownLane) {
        settle(operation, handle, bytes, true, ownLane);
    }

    /** As {@link #settleBlock}, for words that stay in their block: its state is of no interest, unless it is being freed. */
    void settleWords(String operation, long offset, long bytes, int ownLane) {
        settle(operation, offset, bytes, false, ownLane);
    }

    /** Whether an operation that is still running has named a block or a word inside it. */
    boolean isNamedByRunning(long handle, long bytes) {
        int lanes = lanesUsed;
        for (int lane = 0; lane < lanes; lane++) {
            if (names(lane, handle, bytes, true) && isRunning(lane, handle, bytes, true)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Settles what has changed words inside a block since the caller cleared its state; to be called before the memory goes back
     * to the policy. Waits for operations that are still running: they wait for nothing the caller has.
     */
    void settleWordsBeforeReuse(long handle, long bytes, int ownLane) {
        for (int lane = 0; lane < lanesUsed; lane++) {
            if (lane != ownLane && names(lane, handle, bytes, false)) {
                settlePatiently(lane, handle, bytes);
            }
        }
    }

    private void settlePatiently(int lane, long handle, long bytes) {
        for (int looks = 0; isRunning(lane, handle, bytes, false); looks++) {
            pause(looks);
        }
        long state = (long) WORD.getVolatile(records, lane * RECORD_WORDS);
        log.writeBackHeader(lane, PoolPoints.LINK_SETTLED);
        region.fence(PoolPoints.LINK_SETTLED);
        if (phase(state) == OPEN) {
            retire(lane, state);
        }
    }

    private void settle(String operation, long start, long bytes, boolean block, int ownLane) {
        int lanes = lanesUsed;
        long[] states = NO_STATES;
        for (int lane = 0; lane < lanes; lane++) {
            if (lane == ownLane || !names(lane, start, bytes, block)) {
                continue;
            }
            region.step("intents.named");
            if (isRunning(lane, start, bytes, block)) {
                throw refused(operation, start);
            }
            states = states.length == 0 ? new long[lanes] : states;
            states[lane] = (long) WORD.getVolatile(records, lane * RECORD_WORDS);
            log.writeBackHeader(lane, PoolPoints.LINK_SETTLED);
        }
        if (states.length > 0) {
            region.fence(PoolPoints.LINK_SETTLED);
            retireOpen(states);
        }
    }

    /**
     * Settles every open operation, and waits for those under way that are about to give space back.
     *
     * @return whether there was any space to give back
     */
    boolean settleAll() {
        long[] states = new long[lanesUsed];
        boolean held = false;
        boolean written = false;
        for (int lane = 0; lane < states.length; lane++) {
            long state = (long) WORD.getVolatile(records, lane * RECORD_WORDS);
            held |= phase(state) == OPEN || phase(state) == BEGUN || releasesUnderWay.get() > 0;
            if (phase(state) == OPEN) {
                states[lane] = state;
                log.writeBackHeader(lane, PoolPoints.LINK_SETTLED);
                written = true;
            }
        }
        if (written) {
            region.fence(PoolPoints.LINK_SETTLED);
        }
        retireOpen(states);
        awaitReleases(states.length);
        return held;
    }

    /**
     * Makes every retirement that is stored durable, for a pool that is closing: waits for nobody and gives no space back, since
     * operations under way may never go on.
     */
    void settleForClose() {
        boolean written = false;
        for (int lane = 0; lane < lanesUsed; lane++) {
            if (phase((long) WORD.getVolatile(records, lane * RECORD_WORDS)) != RETIRED) {
                log.writeBackHeader(lane, PoolPoints.LINK_SETTLED);
                written = true;
            }
        }
        if (written) {
            region.fence(PoolPoints.LINK_SETTLED);
        }
    }

    // A lane that has begun gives the space of the operation before back after its first fence.
    private void awaitReleases(int lanes) {
        for (int lane = 0; lane < lanes; lane++) {
            long state = (long) WORD.getVolatile(records, lane * RECORD_WORDS);
            for (int looks = 0;
                    phase(state) == BEGUN && (long) WORD.getVolatile(records, lane * RECORD_WORDS) == state;
                    looks++) {
                pause(looks);
            }
        }
        for (int looks = 0; releasesUnderWay.get() > 0; looks++) {
            pause(looks);
        }
    }

    private void pause(int looks) {
        openState.requireOpen();
        log.requireSound();
        region.step("link.waiting");
        SpinLocks.pause(looks);
    }

    private void retireOpen(long[] states) {
        for (int lane = 0; lane < states.length; lane++) {
            if (phase(states[lane]) == OPEN) {
                retire(lane, states[lane]);
            }
        }
    }

    // The names are read before the state is changed: with the state unchanged, so were they.
    private void retire(int lane, long state) {
        int at = lane * RECORD_WORDS;
        int set = setAt(at, state);
        long freed = (long) WORD.getAcquire(records, set + FREED);
        long freedValue = (long) WORD.getAcquire(records, set + FREED_VALUE);
        // Counted from before the record changes: whoever finds nothing open waits for what is on its way.
        releasesUnderWay.incrementAndGet();
        region.step("intents.retire");
        try {
            if (WORD.compareAndSet(records, at, state, withPhase(state, RETIRED)) && freed != Handles.NONE) {
                region.step("intents.release-freed");
                policy.release(freed, freedValue);
            }
        } finally {
            releasesUnderWay.decrementAndGet();
        }
    }

    /** Freed blocks whose space is still held back. */
    long heldBlocks() {
        long blocks = 0;
        for (int lane = 0; lane < lanesUsed; lane++) {
            blocks += heldBy(lane) == Handles.NONE ? 0 : 1;
        }
        return blocks;
    }

    /** Usable bytes of those blocks. */
    long heldBytes() {
        long bytes = 0;
        for (int lane = 0; lane < lanesUsed; lane++) {
            long state = (long) WORD.getAcquire(records, lane * RECORD_WORDS);
            bytes += phase(state) == OPEN ? records[setAt(lane * RECORD_WORDS, state) + FREED_BYTES] : 0;
        }
        return bytes;
    }

    private long heldBy(int lane) {
        long state = (long) WORD.getAcquire(records, lane * RECORD_WORDS);
        return phase(state) == OPEN ? records[setAt(lane * RECORD_WORDS, state) + FREED] : Handles.NONE;
    }

    private boolean isRunning(int lane, long start, long bytes, boolean block) {
        int at = lane * RECORD_WORDS;
        long state = (long) WORD.getAcquire(records, at);
        int phase = phase(state);
        return (phase == BEGUN || phase == RUNNING) && setNames(setAt(at, state), start, bytes, block);
    }

    private boolean names(int lane, long start, long bytes, boolean block) {
        int at = lane * RECORD_WORDS;
        while (true) {
            long state = (long) WORD.getVolatile(records, at);
            boolean named = switch (phase(state)) {
                case RETIRED -> false;
                case BEGUN ->
                    setNames(setAt(at, state), start, bytes, block)
                            || setNames(setAt(at, state - (1 << PHASE_BITS)), start, bytes, block);
                default -> setNames(setAt(at, state), start, bytes, block);
            };
            region.step("intents.names-read");
            // Orders the reads of the names before the second read of the state.
            VarHandle.acquireFence();
            if ((long) WORD.getOpaque(records, at) == state) {
                return named;
            }
        }
    }

    private boolean setNames(int set, long start, long bytes, boolean block) {
        if (isInside((long) WORD.getOpaque(records, set + SLOT), start, bytes)) {
            return true;
        }
        long freed = (long) WORD.getOpaque(records, set + FREED);
        if (!block) {
            // Words inside a block that is being freed.
            return isInside(start, freed, (long) WORD.getOpaque(records, set + FREED_BYTES));
        }
        return freed == start || (long) WORD.getOpaque(records, set + PUBLISHED) == start;
    }

    private static boolean isInside(long offset, long start, long bytes) {
        return offset >= start && offset - start < bytes;
    }

    private TransactionException refused(String operation, long start) {
        return new TransactionException(
                "cannot " + operation + ": an operation on a slot that is still running has named it," + " offset="
                        + Handles.format(start) + " pool=" + region.name() + "; nothing was changed");
    }

    private static int phase(long state) {
        return (int) state & PHASE_MASK;
    }

    private static long withPhase(long state, int phase) {
        return (state & ~PHASE_MASK) | phase;
    }

    private static int setAt(int at, long state) {
        return at + SETS_AT + (int) (state >>> PHASE_BITS & 1) * SET_WORDS;
    }
}
