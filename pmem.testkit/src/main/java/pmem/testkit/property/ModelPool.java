package pmem.testkit.property;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import pmem.api.Handles;

/**
 * The model allocator: it places nothing itself, but knows which blocks there are, what is in them, and which answers of a pool
 * no correct allocator gives.
 */
final class ModelPool {
    private final TreeMap<Long, ModelBlock> live = new TreeMap<>();
    private final TreeMap<Long, ModelBlock> reserved = new TreeMap<>();
    private final List<Long> freed = new ArrayList<>();
    private final SortedMap<String, Long> roots = new TreeMap<>();
    private long blocksMade;

    /**
     * Takes note of a block the pool has handed out, not yet live.
     *
     * @throws AssertionError if it is smaller than asked for, misaligned, outside the pool, or overlaps another
     */
    ModelBlock handedOut(long handle, long bytes, long alignmentBytes, long usableBytes, long capacityBytes) {
        blocksMade++;
        ModelBlock block = new ModelBlock("b" + blocksMade, handle, bytes, usableBytes, blocksMade);
        require(handle != Handles.NONE, "a block that is none", block);
        require(usableBytes >= bytes, "fewer usable bytes than asked for", block);
        require(handle % alignmentBytes == 0, "not aligned to " + alignmentBytes, block);
        require(handle % (bytes <= 8 ? 8 : 16) == 0, "not aligned as every block is", block);
        require(handle > 0 && block.endOffset() <= capacityBytes, "outside the pool of " + capacityBytes, block);
        requireNoOverlap(block);
        freed.remove(Long.valueOf(handle));
        return block;
    }

    /** Checks that a block overlaps no other live or reserved one. */
    void requireNoOverlap(ModelBlock block) {
        for (TreeMap<Long, ModelBlock> blocks : List.of(live, reserved)) {
            Map.Entry<Long, ModelBlock> before = blocks.lowerEntry(block.endOffset());
            boolean clear = before == null
                    || before.getValue() == block
                    || before.getValue().endOffset() <= block.handle();
            require(clear, "overlap with " + (before == null ? "none" : before.getValue()), block);
        }
    }

    private static void require(boolean holds, String law, ModelBlock block) {
        if (!holds) {
            throw new AssertionError(law + ": " + block);
        }
    }

    void addLive(ModelBlock block) {
        live.put(block.handle(), block);
    }

    void addReserved(ModelBlock block) {
        reserved.put(block.handle(), block);
    }

    void publish(ModelBlock block) {
        reserved.remove(block.handle());
        live.put(block.handle(), block);
    }

    void cancel(ModelBlock block) {
        reserved.remove(block.handle());
    }

    void free(ModelBlock block) {
        live.remove(block.handle());
        freed.add(block.handle());
    }

    /** What close and crash do to reserved blocks. */
    void loseReserved() {
        reserved.clear();
    }

    /** The live block a number counts to, if there is any. */
    Optional<ModelBlock> pickLive(int pick) {
        return pick(new ArrayList<>(live.values()), pick);
    }

    /** The reserved block a number counts to, if there is any. */
    Optional<ModelBlock> pickReserved(int pick) {
        return pick(new ArrayList<>(reserved.values()), pick);
    }

    /** A handle that names no block any more, if there is any: freed, and not handed out again. */
    Optional<Long> pickFreed(int pick) {
        List<Long> stale = new ArrayList<>(freed);
        stale.removeIf(reserved::containsKey);
        return pick(stale, pick);
    }

    private static <T> Optional<T> pick(List<T> from, int pick) {
        return from.isEmpty() ? Optional.empty() : Optional.of(from.get(pick % from.size()));
    }

    List<ModelBlock> live() {
        return new ArrayList<>(live.values());
    }

    List<ModelBlock> reserved() {
        return new ArrayList<>(reserved.values());
    }

    /** Named roots; changed in place. */
    SortedMap<String, Long> roots() {
        return roots;
    }

    /** Handles and usable bytes of the live blocks, as a walk should report them. */
    SortedMap<Long, Long> walk() {
        SortedMap<Long, Long> blocks = new TreeMap<>();
        live.forEach((handle, block) -> blocks.put(handle, block.usableBytes()));
        return blocks;
    }

    /** Sum of the usable bytes of the live blocks. */
    long liveBytes() {
        return live.values().stream().mapToLong(ModelBlock::usableBytes).sum();
    }
}
