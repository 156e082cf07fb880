package pmem.tool.demo;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import pmem.api.BlockVisitor;
import pmem.api.Finding;

/** A heap of byte arrays in which every fault can be planted. */
final class FakeHeap implements HeapImage {
    final Map<Long, byte[]> blocks = new TreeMap<>();
    final Set<Long> denied = new HashSet<>();
    final List<Finding> findings = new ArrayList<>();
    long countedTooMany;
    private long nextHandle = 0x1000;

    long allocate(long bytes) {
        long handle = nextHandle;
        nextHandle += Math.ceilDiv(bytes, 16) * 16;
        allocateAt(handle, bytes);
        return handle;
    }

    void allocateAt(long handle, long bytes) {
        blocks.put(handle, new byte[Math.toIntExact(Math.ceilDiv(bytes, 16) * 16)]);
    }

    void free(long handle) {
        blocks.remove(handle);
    }

    byte[] memory(long handle) {
        byte[] memory = blocks.get(handle);
        if (memory == null) {
            throw new AssertionError("no block at " + handle);
        }
        return memory;
    }

    @Override
    public void forEachBlock(BlockVisitor visitor) {
        blocks.forEach((handle, memory) -> visitor.visit(handle, memory.length));
    }

    @Override
    public boolean isLive(long handle) {
        return blocks.containsKey(handle) && !denied.contains(handle);
    }

    @Override
    public MemorySegment segment(long handle) {
        return MemorySegment.ofArray(memory(handle));
    }

    @Override
    public long countedBlocks() {
        return blocks.size() + countedTooMany;
    }

    @Override
    public List<Finding> verify() {
        return findings;
    }
}
