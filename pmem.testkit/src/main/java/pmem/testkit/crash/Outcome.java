package pmem.testkit.crash;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.spi.Region;

/** What a recovered pool shows: the live blocks it walks, their words on the region, and the roots. */
final class Outcome {
    private final Map<Long, Long> usableBytes;
    private final Map<String, Long> roots;
    private final long capacityBytes;
    private final Region region;

    private Outcome(Map<Long, Long> usableBytes, Map<String, Long> roots, long capacityBytes, Region region) {
        this.usableBytes = usableBytes;
        this.roots = roots;
        this.capacityBytes = capacityBytes;
        this.region = region;
    }

    /**
     * Walks a pool.
     *
     * @throws IllegalStateException if the walk shows a block twice, or blocks that overlap
     */
    static Outcome of(Pool pool, Region region) {
        TreeMap<Long, Long> found = new TreeMap<>();
        pool.forEachBlock((handle, usable) -> {
            if (found.put(handle, usable) != null) {
                throw new IllegalStateException("the walk shows a block twice: handle=" + Handles.format(handle));
            }
        });
        long end = 0;
        for (Map.Entry<Long, Long> block : found.entrySet()) {
            if (block.getKey() < end) {
                throw new IllegalStateException("live blocks overlap: handle=" + Handles.format(block.getKey())
                        + ", the block before it ends at 0x" + Long.toHexString(end));
            }
            end = block.getKey() + block.getValue();
        }
        return new Outcome(
                Collections.unmodifiableMap(found), pool.roots(), pool.stats().capacityBytes(), region);
    }

    /** Whether both show the same blocks, sizes and roots. */
    boolean sameBlocks(Outcome other) {
        return usableBytes.equals(other.usableBytes) && roots.equals(other.roots);
    }

    int blockCount() {
        return usableBytes.size();
    }

    /** The first difference from a state, empty if there is none. */
    String difference(State state) {
        for (Block block : state.blocks().values()) {
            Long usable = usableBytes.get(block.handle());
            if (usable == null) {
                return "block " + Handles.format(block.handle()) + " is missing";
            }
            if (usable != block.usableBytes()) {
                return String.format(
                        Locale.ROOT,
                        "block 0x%x has %d usable bytes, expected %d",
                        block.handle(),
                        usable,
                        block.usableBytes());
            }
            String content = block.contentKnown() ? contentDifference(block) : "";
            if (!content.isEmpty()) {
                return content;
            }
        }
        if (usableBytes.size() != state.blocks().size()) {
            return "a block is live that should be free: " + surplus(state);
        }
        if (state.capacityBytes() != 0 && capacityBytes != state.capacityBytes()) {
            return "the pool has " + capacityBytes + " bytes, expected " + state.capacityBytes();
        }
        return roots.equals(state.roots()) ? "" : "roots are " + roots + ", expected " + state.roots();
    }

    private String surplus(State state) {
        StringJoiner text = new StringJoiner(", ");
        usableBytes.keySet().stream()
                .filter(handle -> !state.blocks().containsKey(handle))
                .forEach(handle -> text.add(Handles.format(handle)));
        return text.toString();
    }

    private String contentDifference(Block block) {
        String first = wordDifference(block, 0, block.first());
        String second = first.isEmpty() ? wordDifference(block, Long.BYTES, block.second()) : first;
        return second.isEmpty() ? wordDifference(block, block.lastOffset(), block.last()) : second;
    }

    private String wordDifference(Block block, long offset, long expected) {
        long found = region.loadPlain(block.handle() + offset);
        return found == expected
                ? ""
                : String.format(
                        Locale.ROOT,
                        "content of block 0x%x at offset %d is 0x%x, expected 0x%x",
                        block.handle(),
                        offset,
                        found,
                        expected);
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ", "{blocks ", "}");
        text.setEmptyValue("{no blocks}");
        usableBytes.forEach((handle, usable) -> text.add(Handles.format(handle) + " (" + usable + " bytes usable)"));
        roots.forEach((name, handle) -> text.add("root " + name + "=" + Handles.format(handle)));
        return text.toString();
    }
}
