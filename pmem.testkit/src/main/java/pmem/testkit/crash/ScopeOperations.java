package pmem.testkit.crash;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import pmem.api.Handles;
import pmem.api.PoolScope;

/**
 * Scopes, whose blocks are reserved only: those that are still in one when it ends leave nothing on media, whether it is closed or
 * power is cut.
 */
final class ScopeOperations {
    private ScopeOperations() {}

    static List<Operation> all() {
        return List.of(
                groupable("scope, closed", ScopeOperations::close),
                groupable("scope of all that is left, closed", ScopeOperations::closeFull),
                groupable("scope that keeps a block, closed", ScopeOperations::keep),
                groupable("scope that keeps all blocks, closed", ScopeOperations::keepAll),
                groupable("scope with a block taken out and cancelled, closed", ScopeOperations::cancel));
    }

    private static Operation groupable(String name, Consumer<Trial> body) {
        return NamedOperation.groupable(name, trial -> true, body);
    }

    private static void close(Trial trial) {
        long smallBytes = trial.sizes().smallBytes();
        long largeBytes = trial.sizes().largeBytes();
        trial.groupableCall("scope.allocate(" + smallBytes + "), (" + largeBytes + "), close", () -> {
            try (PoolScope scope = trial.pool().scope()) {
                scope.allocate(smallBytes);
                scope.allocate(smallBytes);
                scope.allocate(largeBytes);
                return List.of();
            }
        });
    }

    // Whoever allocates after this gets pages the scope had.
    private static void closeFull(Trial trial) {
        trial.groupableCall("scope.allocate(small, and all that is left), close", () -> {
            try (PoolScope scope = trial.pool().scope()) {
                scope.allocate(trial.sizes().smallBytes());
                long bytes = trial.pool().stats().largestFreeBytes();
                while (bytes > 0) {
                    scope.allocate(bytes);
                    bytes = trial.pool().stats().largestFreeBytes();
                }
                return List.of();
            }
        });
    }

    private static void cancel(Trial trial) {
        long bytes = trial.sizes().smallBytes();
        trial.groupableCall("scope.allocate(" + bytes + ") twice, detach, cancel, close", () -> {
            try (PoolScope scope = trial.pool().scope()) {
                MemorySegment taken = scope.allocate(bytes);
                scope.allocate(bytes);
                trial.pool().cancel(scope.detach(taken));
                return List.of();
            }
        });
    }

    private static void keep(Trial trial) {
        inScope(trial, 1);
    }

    private static void keepAll(Trial trial) {
        inScope(trial, 2);
    }

    private static void inScope(Trial trial, int kept) {
        long bytes = trial.sizes().smallBytes();
        PoolScope[] opened = new PoolScope[1];
        MemorySegment[] segments = new MemorySegment[2];
        trial.groupableCall("scope.allocate(" + bytes + ") twice", () -> {
            opened[0] = trial.pool().scope();
            for (int i = 0; i < segments.length; i++) {
                segments[i] = opened[0].allocate(bytes);
            }
            return List.of();
        });
        boolean full = segments[segments.length - 1] == null;
        for (int i = 0; i < kept && !full; i++) {
            keep(trial, opened[0], segments[i]);
        }
        trial.groupableCall("close of the scope", () -> {
            opened[0].close();
            return List.of();
        });
    }

    // A crash during keep may leave any content, so the block appears with unknown content first.
    private static void keep(Trial trial, PoolScope scope, MemorySegment segment) {
        long handle = trial.pool().handle(segment);
        Block[] block = new Block[1];
        long tag = trial.nextTag();
        trial.store(segment, Block.unknown(tag, handle, 0, segment.byteSize()).filled(tag));
        trial.groupableCall("scope.keep(" + Handles.format(handle) + ")", () -> {
            long published = scope.keep(segment);
            block[0] = Block.unknown(tag, published, trial.pool().usableBytes(published), segment.byteSize());
            return List.of(Change.put(block[0]));
        });
        trial.groupableCall("return of keep with the content", () -> List.of(Change.put(block[0].filled(tag))));
    }
}
