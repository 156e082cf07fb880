package pmem.bench.allocator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Capability;

/** One {@link Arena#ofConfined()} a block. It zeroes each block; only the allocating thread may free. */
final class ArenaAllocator implements Allocator {
    private final Arena[] arenas;
    private final MemorySegment[] blocks;

    ArenaAllocator(Setting setting) {
        arenas = new Arena[setting.slots()];
        blocks = new MemorySegment[setting.slots()];
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.PLAIN, Capability.TOUCH, Capability.CONTENT);
    }

    @Override
    public void allocate(int slot, long bytes) {
        Arena arena = Arena.ofConfined();
        arenas[slot] = arena;
        blocks[slot] = arena.allocate(bytes);
    }

    @Override
    public void free(int slot) {
        arenas[slot].close();
    }

    @Override
    public void touch(int slot, long bytes) {
        MemorySegment block = blocks[slot];
        for (long at = 0; at < bytes; at += 4096) {
            block.set(JAVA_BYTE, at, (byte) 1);
        }
    }

    @Override
    public void fill(int slot, MemorySegment content, long bytes) {
        MemorySegment.copy(content, 0, blocks[slot], 0, bytes);
    }

    @Override
    public boolean holds(int slot, MemorySegment content, long bytes) {
        return MemorySegment.mismatch(content, 0, bytes, blocks[slot], 0, bytes) < 0;
    }

    @Override
    public void close() {}
}
