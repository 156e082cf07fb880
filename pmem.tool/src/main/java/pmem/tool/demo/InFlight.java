package pmem.tool.demo;

import java.util.ArrayList;
import java.util.List;
import pmem.api.Handles;
import pmem.tool.trace.TraceOperation;

/**
 * An operation that may have been under way when the process was killed, the blocks that could be its traces, and what was
 * concluded. Not thread-safe.
 */
final class InFlight {
    /** Compares a block with the bytes it would have. */
    @FunctionalInterface
    interface ContentTest {
        /** Whether the block has room for the bytes and holds those of the key. */
        boolean holds(WalkedBlock block, long bytes, long contentKey);
    }

    private final int thread;
    private final int object;
    private final byte kind;
    private final long oldHandle;
    private final long oldBytes;
    private final long oldKey;
    private final long newBytes;
    private final long newKey;
    private final List<WalkedBlock> oldCandidates = new ArrayList<>();
    private final List<WalkedBlock> newCandidates = new ArrayList<>();
    private Outcome outcome = Outcome.UNDONE;
    private List<WalkedBlock> trace = List.of();

    /** The next operation of a thread. */
    InFlight(Model model, int thread) {
        this.thread = thread;
        ReplayPlan plan = model.plan();
        long position = model.position(thread);
        object = plan.object(thread, position);
        kind = plan.kind(thread, position);
        boolean exists = kind != TraceOperation.ALLOCATE;
        oldHandle = exists ? model.handle(object) : Handles.NONE;
        oldBytes = exists ? model.bytes(object) : 0;
        oldKey = exists ? model.contentKey(object) : 0;
        newBytes = kind == TraceOperation.FREE ? 0 : plan.bytes(object, model.version(object) + 1);
        newKey = model.nextContentKey(object);
    }

    int thread() {
        return thread;
    }

    int object() {
        return object;
    }

    byte kind() {
        return kind;
    }

    long oldHandle() {
        return oldHandle;
    }

    /** Notes the block if it could be this operation's old or new one. */
    void offer(WalkedBlock block, ContentTest test) {
        if (kind != TraceOperation.ALLOCATE && block.handle == oldHandle && test.holds(block, oldBytes, oldKey)) {
            oldCandidates.add(block);
        }
        // A moved block is never at its old place: the old one is freed only after the new one was taken.
        if (kind != TraceOperation.FREE && block.handle != oldHandle && test.holds(block, newBytes, newKey)) {
            newCandidates.add(block);
        }
    }

    /** At most one: the block at the old handle, if it holds the old content. */
    List<WalkedBlock> oldCandidates() {
        return oldCandidates;
    }

    List<WalkedBlock> newCandidates() {
        return newCandidates;
    }

    /** Concludes how the operation ended, and which block shows it; none for a free that is done or an allocation that is not. */
    void conclude(Outcome conclusion, List<WalkedBlock> shownBy) {
        outcome = conclusion;
        trace = List.copyOf(shownBy);
        trace.forEach(block -> block.explained = true);
    }

    Outcome outcome() {
        return outcome;
    }

    /** Where the operation put the block; none if it is undone or a free. */
    long newHandle() {
        return outcome == Outcome.DONE && !trace.isEmpty() ? trace.getFirst().handle : Handles.NONE;
    }

    /** Whether the old block is there, with its content. */
    boolean holdsOld() {
        return outcome == Outcome.UNDONE && !trace.isEmpty();
    }

    /** Whether a move has left neither the old nor the new block. */
    boolean isLost() {
        return kind == TraceOperation.REALLOCATE && trace.isEmpty();
    }
}
