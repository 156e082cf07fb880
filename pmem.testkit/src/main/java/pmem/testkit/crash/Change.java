package pmem.testkit.crash;

import java.util.List;
import java.util.Map;
import pmem.api.Handles;

/**
 * What one call changes, wholly or not at all. A batch call makes one change for each of its blocks.
 *
 * @param removed blocks that are live before and not after
 * @param added blocks that are live after; one whose handle is live already takes its place
 * @param roots root names and their new handles, {@link Handles#NONE} for removed ones
 * @param resized blocks of another size from then on; their content is what it was, so unknown as long as that is not durable
 * @param capacityBytes size the pool gets, 0 if it keeps its size
 */
public record Change(
        List<Block> removed, List<Block> added, Map<String, Long> roots, List<Block> resized, long capacityBytes) {
    /** A change that leaves the sizes of pool and blocks alone. */
    public Change(List<Block> removed, List<Block> added, Map<String, Long> roots) {
        this(removed, added, roots, List.of(), 0);
    }

    /** Takes immutable copies. */
    public Change {
        removed = List.copyOf(removed);
        added = List.copyOf(added);
        roots = Map.copyOf(roots);
        resized = List.copyOf(resized);
    }

    /** A block becomes live, or one that is live becomes another. */
    public static Change put(Block block) {
        return new Change(List.of(), List.of(block), Map.of());
    }

    /** A block ceases to be live. */
    public static Change remove(Block block) {
        return new Change(List.of(block), List.of(), Map.of());
    }

    /** A root gets another handle. */
    public static Change root(String name, long handle) {
        return new Change(List.of(), List.of(), Map.of(name, handle));
    }

    /** A block that is live gets another size. */
    public static Change resize(Block block) {
        return new Change(List.of(), List.of(), Map.of(), List.of(block), 0);
    }

    /** The pool gets another size. */
    public static Change resize(long capacityBytes) {
        return new Change(List.of(), List.of(), Map.of(), List.of(), capacityBytes);
    }

    long digest() {
        long digest = 17 + 47 * capacityBytes;
        for (Block block : removed) {
            digest = digest * 37 + block.handle();
        }
        for (Block block : added) {
            digest = digest * 41 + block.digest();
        }
        for (Block block : resized) {
            digest = digest * 53 + block.digest();
        }
        for (Map.Entry<String, Long> root : roots.entrySet()) {
            digest += root.getKey().hashCode() * 43L + root.getValue();
        }
        return digest;
    }
}
