package pmem.bench.allocator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
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

/**
 * {@code malloc} and {@code free} by critical downcalls: of the C library, or of the library that the system property
 * {@value #LIBRARY} names. Such a library should be preloaded too, for some can't be loaded late.
 */
final class MallocAllocator implements Allocator {
    /** Path of the library; the C library if absent. */
    static final String LIBRARY = "pmem.bench.library";

    private static final SymbolLookup LOOKUP = lookup();
    // Constants, so that the JIT compiles a call to a few instructions. Addresses as numbers: a segment would be an
    // object.
    private static final MethodHandle MALLOC = function("malloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FREE = function("free", FunctionDescriptor.ofVoid(JAVA_LONG));
    private static final MethodHandle REALLOC =
            function("realloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final long[] addresses;

    MallocAllocator(Setting setting) {
        addresses = new long[setting.slots()];
    }

    private static SymbolLookup lookup() {
        String library = System.getProperty(LIBRARY, "");
        return library.isEmpty()
                ? Linker.nativeLinker().defaultLookup()
                : SymbolLookup.libraryLookup(Path.of(library), Arena.global());
    }

    private static MethodHandle function(String name, FunctionDescriptor signature) {
        return Linker.nativeLinker().downcallHandle(LOOKUP.findOrThrow(name), signature, Linker.Option.critical(false));
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(
                Capability.PLAIN, Capability.REALLOCATE, Capability.TOUCH, Capability.CONTENT, Capability.REMOTE_FREE);
    }

    @Override
    public void allocate(int slot, long bytes) {
        try {
            addresses[slot] = (long) MALLOC.invokeExact(bytes);
        } catch (Throwable impossible) {
            throw new AssertionError("malloc cannot throw", impossible);
        }
    }

    @Override
    public void free(int slot) {
        try {
            FREE.invokeExact(addresses[slot]);
        } catch (Throwable impossible) {
            throw new AssertionError("free cannot throw", impossible);
        }
    }

    @Override
    public void reallocate(int slot, long oldBytes, long newBytes) {
        try {
            addresses[slot] = (long) REALLOC.invokeExact(addresses[slot], newBytes);
        } catch (Throwable impossible) {
            throw new AssertionError("realloc cannot throw", impossible);
        }
    }

    @Override
    public void touch(int slot, long bytes) {
        long address = addresses[slot];
        for (long at = 0; at < bytes; at += 4096) {
            ALL.set(JAVA_BYTE, address + at, (byte) 1);
        }
    }

    @Override
    public void fill(int slot, MemorySegment content, long bytes) {
        MemorySegment.copy(content, 0, ALL, addresses[slot], bytes);
    }

    @Override
    public boolean holds(int slot, MemorySegment content, long bytes) {
        long address = addresses[slot];
        return MemorySegment.mismatch(content, 0, bytes, ALL, address, address + bytes) < 0;
    }

    @Override
    public void close() {}
}
