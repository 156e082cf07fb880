package pmem.bench.allocator;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Capability;

/** memkind's PMEM kind: jemalloc over a file, nothing durable. */
final class MemkindAllocator implements Allocator {
    private static final SymbolLookup LOOKUP =
            SymbolLookup.libraryLookup(Path.of(System.getProperty(MallocAllocator.LIBRARY)), Arena.global());
    private static final MethodHandle CREATE =
            function("memkind_create_pmem", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
    private static final MethodHandle MALLOC =
            function("memkind_malloc", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG));
    private static final MethodHandle FREE = function("memkind_free", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG));

    private final MemorySegment kind;
    private final long[] addresses;

    MemkindAllocator(Setting setting) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(ADDRESS);
            int failed = (int) CREATE.invokeExact(
                    arena.allocateFrom(setting.directory().toString()), setting.capacityBytes(), result);
            if (failed != 0) {
                throw new IllegalStateException("memkind_create_pmem failed: found=" + failed);
            }
            kind = result.get(ADDRESS, 0);
        } catch (RuntimeException failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new AssertionError("native code cannot throw", impossible);
        }
        addresses = new long[setting.slots()];
    }

    private static MethodHandle function(String name, FunctionDescriptor signature) {
        return Linker.nativeLinker().downcallHandle(LOOKUP.findOrThrow(name), signature);
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.PLAIN, Capability.REMOTE_FREE);
    }

    @Override
    public void allocate(int slot, long bytes) {
        try {
            addresses[slot] = (long) MALLOC.invokeExact(kind, bytes);
        } catch (Throwable impossible) {
            throw new AssertionError("native code cannot throw", impossible);
        }
        if (addresses[slot] == 0) {
            throw new IllegalStateException("memkind_malloc failed: bytes=" + bytes);
        }
    }

    @Override
    public void free(int slot) {
        try {
            FREE.invokeExact(kind, addresses[slot]);
        } catch (Throwable impossible) {
            throw new AssertionError("native code cannot throw", impossible);
        }
    }

    @Override
    public void close() {}
}
