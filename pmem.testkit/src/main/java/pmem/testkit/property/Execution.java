package pmem.testkit.property;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.testkit.contract.Blocks;
import pmem.testkit.contract.PoolHome;

/** Runs one sequence on a pool and on the model side by side, and keeps a trace of what each step did. */
final class Execution {
    private final PoolHome home;
    private final Laws laws;
    private final ModelPool model = new ModelPool();
    private final List<String> trace = new ArrayList<>();
    private Pool pool;

    Execution(PoolHome home, FreshFigures fresh) {
        this.home = home;
        // The same moves between nodes for every sequence.
        this.pool = home.create(fresh.options().placement(home.setting().placement()));
        this.laws = new Laws(model, fresh);
    }

    /**
     * Runs all steps and checks the laws after each and at the end.
     *
     * @throws AssertionError if the pool breaks a law
     */
    void run(List<Action> actions) {
        for (Action action : actions) {
            trace.add(action.toString());
            action.perform(this);
            laws.checkBetweenSteps(pool);
        }
        trace.add("end");
        laws.checkAtTheEnd(pool);
        pool.close();
    }

    /** The steps so far, each with what came of it; the last is the one under way. */
    List<String> trace() {
        return trace;
    }

    private void note(Object outcome) {
        int last = trace.size() - 1;
        trace.set(last, trace.get(last) + " -> " + outcome);
    }

    void allocate(long bytes, long alignmentBytes) {
        allocate(bytes, alignmentBytes, false);
    }

    void allocateZeroed(long bytes) {
        allocate(bytes, 1, true);
    }

    private void allocate(long bytes, long alignmentBytes, boolean zeroed) {
        long largestBytes = pool.stats().largestFreeBytes();
        long handle;
        try {
            handle = zeroed ? pool.allocateZeroed(bytes, alignmentBytes) : pool.allocate(bytes, alignmentBytes);
        } catch (OutOfSpaceException full) {
            laws.checkRefusal(bytes, alignmentBytes, largestBytes);
            note("no room");
            return;
        }
        laws.checkGrant(bytes, largestBytes);
        if (zeroed) {
            Blocks.assertZero(pool.segment(handle));
        }
        ModelBlock block = handedOut(handle, bytes, alignmentBytes);
        block.write(pool.segment(handle));
        model.addLive(block);
        note(block);
    }

    private ModelBlock handedOut(long handle, long bytes, long alignmentBytes) {
        return model.handedOut(
                handle,
                bytes,
                alignmentBytes,
                pool.usableBytes(handle),
                pool.stats().capacityBytes());
    }

    void free(int pick) {
        model.pickLive(pick).ifPresent(this::free);
    }

    private void free(ModelBlock block) {
        note(block);
        block.check(pool.segment(block.handle()), block.askedBytes());
        pool.free(block.handle());
        model.free(block);
    }

    void freeAgain(int pick) {
        model.pickFreed(pick).ifPresent(this::freeAgain);
    }

    private void freeAgain(long handle) {
        note(Handles.format(handle));
        try {
            pool.free(handle);
        } catch (InvalidHandleException expected) {
            return;
        }
        throw new AssertionError("free of a block that is not live was not refused: handle=" + Handles.format(handle));
    }

    void reallocate(int pick, long bytes) {
        model.pickLive(pick).ifPresent(block -> reallocate(block, bytes));
    }

    private void reallocate(ModelBlock block, long bytes) {
        boolean fits = pool.reallocate(block.handle(), bytes);
        note((fits ? "fits " : "does not fit ") + block);
        block.check(pool.segment(block.handle()), fits ? Math.min(bytes, block.askedBytes()) : block.askedBytes());
        long usableBytes = pool.usableBytes(block.handle());
        laws.checkResize(block, fits, bytes, usableBytes);
        if (fits) {
            block.resize(bytes, usableBytes);
            model.requireNoOverlap(block);
            block.write(pool.segment(block.handle()));
        }
    }

    void reserve(long bytes) {
        long largestBytes = pool.stats().largestFreeBytes();
        long handle;
        try {
            handle = pool.reserve(bytes);
        } catch (OutOfSpaceException full) {
            laws.checkRefusal(bytes, 1, largestBytes);
            note("no room");
            return;
        }
        laws.checkGrant(bytes, largestBytes);
        ModelBlock block = handedOut(handle, bytes, 1);
        block.write(pool.segment(handle));
        model.addReserved(block);
        note(block);
    }

    void publish(int pick) {
        model.pickReserved(pick).ifPresent(this::publish);
    }

    private void publish(ModelBlock block) {
        note(block);
        pool.publish(block.handle());
        model.publish(block);
    }

    void cancel(int pick) {
        model.pickReserved(pick).ifPresent(this::cancel);
    }

    private void cancel(ModelBlock block) {
        note(block);
        block.check(pool.segment(block.handle()), block.askedBytes());
        pool.cancel(block.handle());
        model.cancel(block);
    }

    void allocateAll(List<Long> sizes) {
        long[] handles;
        try {
            handles = pool.allocateAll(sizes.stream().mapToLong(Long::longValue).toArray());
        } catch (OutOfSpaceException full) {
            note("no room");
            return;
        }
        if (handles.length != sizes.size()) {
            throw new AssertionError("number of blocks: expected " + sizes.size() + ", found=" + handles.length);
        }
        List<ModelBlock> blocks = new ArrayList<>();
        for (int i = 0; i < handles.length; i++) {
            ModelBlock block = handedOut(handles[i], sizes.get(i), 1);
            block.write(pool.segment(handles[i]));
            model.addLive(block);
            blocks.add(block);
        }
        note(blocks);
    }

    void freeAll(List<Integer> picks) {
        Set<ModelBlock> blocks = new LinkedHashSet<>();
        for (int pick : picks) {
            model.pickLive(pick).ifPresent(blocks::add);
        }
        note(blocks);
        pool.freeAll(blocks.stream().mapToLong(ModelBlock::handle).toArray());
        blocks.forEach(model::free);
    }

    void transact(Action.Transact transaction) {
        note(new TransactionStep(pool, model).run(transaction));
    }

    void fillDrainFill(long bytes) {
        note(laws.checkFillDrainFill(pool, bytes));
    }

    void allocateAndFree(List<Long> sizes) {
        note(laws.checkMediaAfterFree(home, pool, sizes));
    }

    void setRoot(String name, int pick) {
        setRoot(name, model.pickLive(pick).map(ModelBlock::handle).orElse(Handles.NONE));
    }

    void removeRoot(String name) {
        setRoot(name, Handles.NONE);
    }

    private void setRoot(String name, long handle) {
        note(Handles.format(handle));
        pool.setRoot(name, handle);
        if (handle == Handles.NONE) {
            model.roots().remove(name);
        } else {
            model.roots().put(name, handle);
        }
    }

    void reopen() {
        pool = home.reopen(pool);
        checkReopened();
    }

    void crashAndReopen() {
        Pool abandoned = pool;
        pool = home.openAsAfterCrash(abandoned);
        abandoned.close();
        checkReopened();
    }

    private void checkReopened() {
        note(pool.recovery().state());
        model.loseReserved();
        Blocks.assertWhole(pool);
        laws.checkContents(pool);
    }
}
