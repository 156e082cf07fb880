package pmem.tool.demo;

import pmem.api.Handles;
import pmem.tool.trace.BlockContent;
import pmem.tool.trace.TraceFiles;
import pmem.tool.trace.TraceOperation;

/** Replays a small trace on a {@link FakeHeap}, step by step, with or without acknowledging the last step. */
final class FakeReplay {
    final ReplayPlan plan;
    final Model model;
    final FakeHeap heap = new FakeHeap();

    FakeReplay(int threads, String... trace) {
        plan = ReplayPlan.fold(TraceFiles.of(trace), threads);
        model = new Model(plan, 42);
    }

    /** Performs and acknowledges the next operations of a thread. */
    FakeReplay acknowledged(int thread, int operations) {
        for (int i = 0; i < operations; i++) {
            model.complete(thread, perform(thread));
        }
        return this;
    }

    /** Performs the next operation of a thread without acknowledging it, and returns where the object is then. */
    long perform(int thread) {
        int object = plan.object(thread, model.position(thread));
        return switch (plan.kind(thread, model.position(thread))) {
            case TraceOperation.ALLOCATE -> newBlock(object);
            case TraceOperation.REALLOCATE -> {
                long moved = newBlock(object);
                heap.free(model.handle(object));
                yield moved;
            }
            default -> {
                heap.free(model.handle(object));
                yield Handles.NONE;
            }
        };
    }

    /** Performs the next operation of a thread, an allocation, at a given place. */
    void performAt(int thread, long handle) {
        int object = plan.object(thread, model.position(thread));
        heap.allocateAt(handle, nextBytes(object));
        fill(object, handle);
    }

    long newBlock(int object) {
        long handle = heap.allocate(nextBytes(object));
        fill(object, handle);
        return handle;
    }

    long nextBytes(int object) {
        return plan.bytes(object, model.version(object) + 1);
    }

    private void fill(int object, long handle) {
        BlockContent.fill(heap.segment(handle), nextBytes(object), model.nextContentKey(object));
    }

    /** Checks as after a kill. */
    CheckResult check() {
        return Check.run(model, heap, true);
    }
}
