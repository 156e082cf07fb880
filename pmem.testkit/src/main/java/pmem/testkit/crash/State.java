package pmem.testkit.crash;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import pmem.api.Handles;

/**
 * Live blocks, roots and size of a pool, as the model has them. Immutable.
 *
 * @param blocks by handle
 * @param roots by name
 * @param capacityBytes size of the pool, 0 if any will do
 */
public record State(Map<Long, Block> blocks, Map<String, Long> roots, long capacityBytes) {
    /** A pool without blocks and roots. */
    public static final State EMPTY = new State(Map.of(), Map.of(), 0);

    /** A pool of some size without blocks and roots. */
    static State empty(long capacityBytes) {
        return new State(Map.of(), Map.of(), capacityBytes);
    }

    /** The state after a change. */
    public State after(Change change) {
        TreeMap<Long, Block> newBlocks = new TreeMap<>(blocks);
        for (Block removed : change.removed()) {
            // Another thread may have got the handle already.
            newBlocks.computeIfPresent(
                    removed.handle(), (handle, found) -> found.serial() == removed.serial() ? null : found);
        }
        change.added().forEach(block -> newBlocks.put(block.handle(), block));
        for (Block resized : change.resized()) {
            Block found = newBlocks.getOrDefault(resized.handle(), resized.emptied());
            Block same = found.serial() == resized.serial() ? found : resized.emptied();
            newBlocks.put(resized.handle(), same.resized(resized.usableBytes()));
        }
        TreeMap<String, Long> newRoots = new TreeMap<>(roots);
        change.roots().forEach((name, handle) -> {
            if (handle == Handles.NONE) {
                newRoots.remove(name);
            } else {
                newRoots.put(name, handle);
            }
        });
        return new State(
                Collections.unmodifiableMap(newBlocks),
                Collections.unmodifiableMap(newRoots),
                change.capacityBytes() == 0 ? capacityBytes : change.capacityBytes());
    }

    /** The state after several changes. */
    public State after(List<Change> changes) {
        State state = this;
        for (Change change : changes) {
            state = state.after(change);
        }
        return state;
    }

    long digest() {
        long digest = 1 + 1_000_033 * capacityBytes;
        for (Block block : blocks.values()) {
            digest = digest * 1_000_003 + block.digest();
        }
        for (Map.Entry<String, Long> root : roots.entrySet()) {
            digest += (root.getKey().hashCode() * 31L + root.getValue()) * 999_983;
        }
        return digest;
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ", "{blocks ", "}");
        text.setEmptyValue("{no blocks}");
        blocks.values().forEach(block -> text.add(block.toString()));
        roots.forEach((name, handle) -> text.add("root " + name + "=" + Handles.format(handle)));
        if (capacityBytes != 0) {
            text.add(capacityBytes + " bytes large");
        }
        return text.toString();
    }
}
