package pmem.bench.allocator;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The functions of libpmemobj 1 that are measured. Not critical calls: some take microseconds. {@code PMEMoid} is two longs,
 * {@code struct pobj_action} 128 bytes (libpmemobj/base.h and action_base.h).
 */
final class Pmemobj {
    static final MemoryLayout OID = MemoryLayout.structLayout(JAVA_LONG.withName("pool"), JAVA_LONG.withName("offset"));
    static final long OID_BYTES = OID.byteSize();
    static final long ACTION_BYTES = 128;

    private static final SymbolLookup LOOKUP =
            SymbolLookup.libraryLookup(Path.of(System.getProperty(MallocAllocator.LIBRARY)), Arena.global());

    static final MethodHandle CREATE =
            function("pmemobj_create", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));
    static final MethodHandle CLOSE = function("pmemobj_close", FunctionDescriptor.ofVoid(ADDRESS));
    static final MethodHandle ERROR = function("pmemobj_errormsg", FunctionDescriptor.of(ADDRESS));
    static final MethodHandle ROOT = function("pmemobj_root", FunctionDescriptor.of(OID, ADDRESS, JAVA_LONG));
    static final MethodHandle DIRECT = function("pmemobj_direct", FunctionDescriptor.of(ADDRESS, OID));
    // The handle goes where the second argument points: a word of the pool is set atomically with the allocation.
    static final MethodHandle ALLOC = function(
            "pmemobj_alloc",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS));
    static final MethodHandle FREE = function("pmemobj_free", FunctionDescriptor.ofVoid(JAVA_LONG));
    static final MethodHandle RESERVE =
            function("pmemobj_reserve", FunctionDescriptor.of(OID, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));
    static final MethodHandle DEFER_FREE =
            function("pmemobj_defer_free", FunctionDescriptor.ofVoid(ADDRESS, OID, ADDRESS));
    static final MethodHandle PUBLISH =
            function("pmemobj_publish", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
    static final MethodHandle TX_BEGIN = Linker.nativeLinker()
            .downcallHandle(
                    LOOKUP.findOrThrow("pmemobj_tx_begin"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT),
                    Linker.Option.firstVariadicArg(2));
    static final MethodHandle TX_ALLOC = function("pmemobj_tx_alloc", FunctionDescriptor.of(OID, JAVA_LONG, JAVA_LONG));
    static final MethodHandle TX_FREE = function("pmemobj_tx_free", FunctionDescriptor.of(JAVA_INT, OID));
    static final MethodHandle TX_COMMIT = function("pmemobj_tx_commit", FunctionDescriptor.ofVoid());
    static final MethodHandle TX_END = function("pmemobj_tx_end", FunctionDescriptor.of(JAVA_INT));

    private Pmemobj() {}

    private static MethodHandle function(String name, FunctionDescriptor signature) {
        return Linker.nativeLinker().downcallHandle(LOOKUP.findOrThrow(name), signature);
    }

    /** The pool that was made. */
    static MemorySegment create(String path, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pool = (MemorySegment)
                    CREATE.invokeExact(arena.allocateFrom(path), arena.allocateFrom("bench"), bytes, 0600);
            if (pool.address() == 0) {
                throw failed("pmemobj_create");
            }
            return pool;
        } catch (RuntimeException failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new AssertionError("native code cannot throw", impossible);
        }
    }

    static IllegalStateException failed(String function) {
        try {
            MemorySegment message = (MemorySegment) ERROR.invokeExact();
            return new IllegalStateException(
                    function + " failed: found=" + message.reinterpret(4096).getString(0));
        } catch (Throwable impossible) {
            throw new AssertionError("native code cannot throw", impossible);
        }
    }
}
