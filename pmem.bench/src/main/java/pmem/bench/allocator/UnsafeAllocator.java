package pmem.bench.allocator;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.EnumSet;
import java.util.Set;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Capability;

/**
 * {@code sun.misc.Unsafe.allocateMemory}, still in wide use. Called through constant handles, which the JIT turns into plain
 * calls: the compiler has a warning for every mention of the class.
 */
final class UnsafeAllocator implements Allocator {
    private static final MethodHandle ALLOCATE = method("allocateMemory", long.class, long.class);
    private static final MethodHandle FREE = method("freeMemory", void.class, long.class);
    private static final MethodHandle REALLOCATE = method("reallocateMemory", long.class, long.class, long.class);
    private static final MethodHandle PUT_BYTE = method("putByte", void.class, long.class, byte.class);

    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final long[] addresses;

    UnsafeAllocator(Setting setting) {
        addresses = new long[setting.slots()];
    }

    private static MethodHandle method(String name, Class<?> result, Class<?>... parameters) {
        try {
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field field = type.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return MethodHandles.lookup()
                    .findVirtual(type, name, MethodType.methodType(result, parameters))
                    .bindTo(field.get(null));
        } catch (ReflectiveOperationException gone) {
            throw new IllegalStateException("sun.misc.Unsafe is not accessible: found=" + gone, gone);
        }
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(
                Capability.PLAIN, Capability.REALLOCATE, Capability.TOUCH, Capability.CONTENT, Capability.REMOTE_FREE);
    }

    @Override
    public void allocate(int slot, long bytes) {
        try {
            addresses[slot] = (long) ALLOCATE.invokeExact(bytes);
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    @Override
    public void free(int slot) {
        try {
            FREE.invokeExact(addresses[slot]);
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    @Override
    public void reallocate(int slot, long oldBytes, long newBytes) {
        try {
            addresses[slot] = (long) REALLOCATE.invokeExact(addresses[slot], newBytes);
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    @Override
    public void touch(int slot, long bytes) {
        long address = addresses[slot];
        try {
            for (long at = 0; at < bytes; at += 4096) {
                PUT_BYTE.invokeExact(address + at, (byte) 1);
            }
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    // The class has no compare; a segment over its memory has.
    @Override
    public void fill(int slot, MemorySegment content, long bytes) {
        MemorySegment.copy(content, 0, ALL, addresses[slot], bytes);
    }

    @Override
    public boolean holds(int slot, MemorySegment content, long bytes) {
        long address = addresses[slot];
        return MemorySegment.mismatch(content, 0, bytes, ALL, address, address + bytes) < 0;
    }

    private static IllegalStateException failed(Throwable failure) {
        return new IllegalStateException("sun.misc.Unsafe failed: found=" + failure, failure);
    }

    @Override
    public void close() {}
}
