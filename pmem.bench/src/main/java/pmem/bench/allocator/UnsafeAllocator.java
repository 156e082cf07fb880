package pmem.bench.allocator;

import java.lang.reflect.Field;
import java.util.EnumSet;
import java.util.Set;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Capability;
import sun.misc.Unsafe;

/** {@code sun.misc.Unsafe.allocateMemory}, still in wide use. */
@SuppressWarnings("removal") // it is measured because programs have it, not recommended
final class UnsafeAllocator implements Allocator {
    private static final Unsafe UNSAFE = unsafe();

    private final long[] addresses;

    UnsafeAllocator(Setting setting) {
        addresses = new long[setting.slots()];
    }

    private static Unsafe unsafe() {
        try {
            Field field = Unsafe.class.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return (Unsafe) field.get(null);
        } catch (ReflectiveOperationException gone) {
            throw new IllegalStateException("sun.misc.Unsafe is not accessible: found=" + gone, gone);
        }
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.PLAIN, Capability.REALLOCATE, Capability.TOUCH, Capability.REMOTE_FREE);
    }

    @Override
    public void allocate(int slot, long bytes) {
        addresses[slot] = UNSAFE.allocateMemory(bytes);
    }

    @Override
    public void free(int slot) {
        UNSAFE.freeMemory(addresses[slot]);
    }

    @Override
    public void reallocate(int slot, long oldBytes, long newBytes) {
        addresses[slot] = UNSAFE.reallocateMemory(addresses[slot], newBytes);
    }

    @Override
    public void touch(int slot, long bytes) {
        long address = addresses[slot];
        for (long at = 0; at < bytes; at += 4096) {
            UNSAFE.putByte(address + at, (byte) 1);
        }
    }

    @Override
    public void close() {}
}
