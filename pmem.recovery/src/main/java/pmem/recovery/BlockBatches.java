package pmem.recovery;

import pmem.api.PoolIoException;
import pmem.api.TransactionException;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * Allocates and frees many blocks under one fence. Blocks of one batch mostly lie side by side, so their space is claimed, their states
 * are changed and their lines written back for as many of them at once as share a size, a word and a line.
 */
final class BlockBatches {
    private final Region region;
    private final Policy policy;
    private final PolicyAccess shared;
    private final CommitEngine engine;
    private final GroupCommit commit;
    private final OpenState openState;

    BlockBatches(Region region, Policy policy, CommitEngine engine, GroupCommit commit, OpenState openState) {
        this.region = region;
        this.policy = policy;
        this.shared = engine.shared();
        this.engine = engine;
        this.commit = commit;
        this.openState = openState;
    }

    long[] allocateAll(long[] bytes) {
        for (long size : bytes) {
            CommitEngine.requireSize(size);
        }
        Batch batch = new Batch(claimAll(bytes));
        for (int i = 0; i < batch.handles.length; i++) {
            batch.fields[i] = policy.stateField(batch.handles[i]);
            batch.values[i] = policy.allocatedValue(batch.handles[i], bytes[i], 1);
        }
        for (int from = 0; from < batch.handles.length; ) {
            from = setWord(batch, from);
        }
        makeDurable(PoolPoints.ALLOCATE_ALL, batch, batch.handles.length);
        openState.requireOpen();
        return batch.handles;
    }

    private long[] claimAll(long[] bytes) {
        long[] handles = new long[bytes.length];
        int claimed = 0;
        try {
            while (claimed < bytes.length) {
                claimed += claimSome(bytes, handles, claimed);
            }
            return handles;
        } finally {
            for (int i = 0; claimed < bytes.length && i < claimed; i++) {
                policy.release(handles[i], policy.allocatedValue(handles[i], bytes[i], 1));
            }
        }
    }

    /** Claims some of the blocks from one on that have its size, at least that one; returns how many. */
    private int claimSome(long[] bytes, long[] handles, int from) {
        int end = from + 1;
        while (end < bytes.length && bytes[end] == bytes[from]) {
            end++;
        }
        int claimed = shared.reserveSome(bytes[from], handles, from, end);
        if (claimed == 0) {
            handles[from] = engine.claimHeldSpace(shared, bytes[from], 1);
        }
        return Math.max(1, claimed);
    }

    /** Sets the state of a block, and of those behind it whose fields are in the same word; returns the next one. */
    private int setWord(Batch batch, int from) {
        int end = batch.endOfWord(from);
        if (end == from + 1) {
            requireFree(batch, from, StateWords.set(region, batch.fields[from], batch.values[from]));
            return end;
        }
        setStates(batch, from, end);
        return end;
    }

    /** Sets the states of blocks whose fields are in one word and are 0. */
    private void setStates(Batch batch, int from, int end) {
        long offset = StateField.wordOffset(batch.fields[from]);
        long word;
        long changed;
        do {
            word = region.loadAcquire(offset);
            changed = word;
            for (int i = from; i < end; i++) {
                requireFree(batch, i, StateField.extract(word, batch.fields[i]));
                changed = StateField.insert(changed, batch.fields[i], batch.values[i]);
            }
        } while (!region.compareAndSet(offset, word, changed));
    }

    private void requireFree(Batch batch, int index, long found) {
        if (found != 0) {
            throw engine.alreadyAllocated(batch.handles[index], found);
        }
    }

    void freeAll(long[] handles) {
        Batch batch = new Batch(handles);
        try {
            while (batch.cleared < handles.length) {
                clearWord(batch);
            }
        } finally {
            makeDurable(PoolPoints.FREE_ALL, batch, batch.cleared);
            openState.requireOpen();
            for (int i = 0; i < batch.cleared; i++) {
                engine.settleBeforeReuse(handles[i], batch.values[i]);
            }
            commit.releaseAll(shared, handles, batch.values, batch.cleared);
        }
    }

    // In the order of CommitEngine.clearAllocated, for a word at a time: clears first, looks for claims and intents
    // second.
    private void clearWord(Batch batch) {
        int from = batch.cleared;
        engine.requireUnclaimed(batch.handles[from]);
        int end = changeToFree(batch, from, endToClear(batch, from));
        region.step("free.look-for-claims");
        int claimed = firstClaimed(batch, from, end);
        if (claimed < end) {
            // At once, before anything that takes time: who has named a block looks at its state.
            setStates(batch, claimed, end);
            region.writeBackAndFence(PoolPoints.FREE_REFUSED, StateField.wordOffset(batch.fields[claimed]));
        }
        settle(batch, claimed);
    }

    private int firstClaimed(Batch batch, int from, int end) {
        int next = from;
        while (next < end && !engine.isClaimed(batch.handles[next])) {
            next++;
        }
        return next;
    }

    /** Settles what has named the blocks before one whose states are cleared: free for good then, or put back and looked at again. */
    private void settle(Batch batch, int end) {
        try {
            while (batch.cleared < end) {
                engine.settleNamed(batch.handles[batch.cleared], batch.values[batch.cleared]);
                batch.cleared++;
            }
        } catch (TransactionException refused) {
            setStates(batch, batch.cleared, end);
            region.writeBackAndFence(PoolPoints.FREE_REFUSED, StateField.wordOffset(batch.fields[batch.cleared]));
            engine.requireNamed(batch.handles[batch.cleared], batch.values[batch.cleared], refused);
        } catch (PoolIoException failed) {
            setStates(batch, batch.cleared, end);
            throw failed;
        }
    }

    private int endToClear(Batch batch, int from) {
        batch.fields[from] = policy.stateField(batch.handles[from]);
        int end = from + 1;
        while (end < batch.handles.length) {
            batch.fields[end] = policy.stateField(batch.handles[end]);
            if (!batch.isInWordOf(from, end) || engine.isClaimed(batch.handles[end])) {
                return end;
            }
            end++;
        }
        return end;
    }

    /** Clears fields of one word as long as they are not 0; returns the first that was left as it is. */
    private int changeToFree(Batch batch, int from, int end) {
        long offset = StateField.wordOffset(batch.fields[from]);
        while (true) {
            long word = batch.fields[from] == StateField.NONE ? 0 : region.loadAcquire(offset);
            long changed = word;
            int next = from;
            // One that stands there twice is 0 the second time.
            while (next < end && StateField.extract(changed, batch.fields[next]) != 0) {
                batch.values[next] = StateField.extract(changed, batch.fields[next]);
                changed = StateField.insert(changed, batch.fields[next], 0);
                next++;
            }
            if (next == from) {
                throw engine.notLive("free", batch.handles[from]);
            }
            if (region.compareAndSet(offset, word, changed)) {
                return next;
            }
        }
    }

    private void makeDurable(PersistPoint point, Batch batch, int count) {
        ChangedLines lines = new ChangedLines(commit::writeBack, point);
        for (int i = 0; i < count; i++) {
            lines.add(StateField.wordOffset(batch.fields[i]));
        }
        if (count > 0) {
            commit.fence(point);
        }
    }

    /** Blocks, with their state fields and what is in those when they are allocated. */
    private static final class Batch {
        private final long[] handles;
        private final long[] fields;
        private final long[] values;
        /** How many of them are free for good. */
        private int cleared;

        Batch(long[] handles) {
            this.handles = handles;
            fields = new long[handles.length];
            values = new long[handles.length];
        }

        boolean isInWordOf(int first, int other) {
            return fields[other] != StateField.NONE
                    && StateField.wordOffset(fields[other]) == StateField.wordOffset(fields[first]);
        }

        /** The first block from one on whose field is in another word. */
        int endOfWord(int from) {
            int end = from + 1;
            while (end < handles.length && isInWordOf(from, end)) {
                end++;
            }
            return end;
        }
    }
}
