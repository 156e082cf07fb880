package pmem.testkit.property;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.Transaction;

/** One transaction on the pool and, once it has committed, on the model. */
final class TransactionStep {
    /** Thrown by a body that gives up, and by nothing else. */
    private static final class GivesUp extends RuntimeException {
        private static final long serialVersionUID = 1;

        GivesUp() {
            super("the body gives up");
        }
    }

    private final Pool pool;
    private final ModelPool model;
    private final List<ModelBlock> allocated = new ArrayList<>();
    private final Set<ModelBlock> freed = new LinkedHashSet<>();
    private final Map<ModelBlock, Long> words = new LinkedHashMap<>();
    // Reserved in the model while the body runs, so that nothing else may overlap them.
    private final List<ModelBlock> held = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // Set before the first change is asked for.
    private Transaction running;

    TransactionStep(Pool pool, ModelPool model) {
        this.pool = pool;
        this.model = model;
    }

    /** Runs it and says what came of it. */
    String run(Action.Transact action) {
        try {
            pool.transaction(tx -> {
                running = tx;
                action.changes().forEach(change -> change.apply(this));
                if (action.givesUp()) {
                    throw new GivesUp();
                }
            });
        } catch (OutOfSpaceException full) {
            held.forEach(model::cancel);
            return "no room, undone";
        } catch (GivesUp expected) {
            held.forEach(model::cancel);
            return "undone";
        }
        if (action.givesUp()) {
            throw new AssertionError("a transaction whose body threw returned");
        }
        held.forEach(model::cancel);
        allocated.forEach(model::addLive);
        words.forEach(ModelBlock::word);
        freed.forEach(model::free);
        return "allocated " + allocated + ", freed " + freed + ", set " + words.keySet();
    }

    void allocate(long bytes) {
        allocated.add(hold(bytes));
    }

    void allocateAndCancel(long bytes) {
        ModelBlock block = hold(bytes);
        running.free(block.handle());
        model.cancel(block);
        held.remove(block);
    }

    void free(int pick) {
        unnamed(pick).ifPresent(block -> {
            running.free(block.handle());
            freed.add(block);
        });
    }

    void set(int pick, long value) {
        unnamed(pick).filter(ModelBlock::hasWord).ifPresent(block -> {
            running.set(block.handle(), 0, value);
            words.put(block, value);
        });
    }

    private ModelBlock hold(long bytes) {
        long handle = running.allocate(bytes);
        MemorySegment segment = running.segment(handle);
        ModelBlock block = model.handedOut(
                handle, bytes, 1, segment.byteSize(), pool.stats().capacityBytes());
        block.write(segment);
        model.addReserved(block);
        held.add(block);
        return block;
    }

    // What a transaction frees it can't set, and the other way round: each block is named at most once.
    private Optional<ModelBlock> unnamed(int pick) {
        return model.pickLive(pick).filter(block -> !freed.contains(block) && !words.containsKey(block));
    }
}
