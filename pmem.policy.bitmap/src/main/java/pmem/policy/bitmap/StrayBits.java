package pmem.policy.bitmap;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import pmem.api.Finding;
import pmem.spi.Region;
import pmem.spi.WordScan;
import pmem.spi.extent.ExtentTableLayout;

/** Finds page bits that are set though no block owns them: outside all arenas, or after an arena's last block. */
final class StrayBits {
    private static final int WORD_SHIFT = 6;

    private final Region region;
    private final ArenaLayout layout;
    private final long[] ranges;
    private final List<Arena> arenas = new ArrayList<>();

    /** Looks at these ranges of the page bits: all others are 0. */
    StrayBits(Region region, ArenaLayout layout, long[] ranges) {
        this.region = region;
        this.layout = layout;
        this.ranges = ranges;
    }

    void add(Arena arena) {
        arenas.add(arena);
    }

    /** One pass over the page bits; only if their number is wrong a second one that says which. */
    void check(Consumer<Finding> findings) {
        long owned = 0;
        for (Arena arena : arenas) {
            owned += arena.allocatedCount(region);
        }
        long[] set = {0};
        WordScan.run(region, ranges, (offset, word) -> set[0] += Long.bitCount(word));
        if (set[0] != owned) {
            locate(findings);
        }
    }

    /** Looks at the bits of a header that belong to no block. */
    static void checkHeader(Region region, ArenaLayout layout, Arena arena, Consumer<Finding> findings) {
        long headerOffset = arena.firstStateBit() / Byte.SIZE;
        long[] words = new long[(int) (layout.headerBytes(arena.blockCount()) / Long.BYTES)];
        region.loadOnce(headerOffset, words);
        for (int word = 0; word < words.length; word++) {
            long stray = words[word] & ~layout.statesOf(word, arena.blockCount());
            if (stray != 0) {
                findings.accept(strayInHeader(layout.extents(), arena, headerOffset + (long) word * Long.BYTES, stray));
            }
        }
    }

    static Finding strayInHeader(ExtentTableLayout layout, Arena arena, long wordOffset, long stray) {
        return new Finding(
                Finding.Severity.ERROR,
                "bitmap.stray-bits",
                "arena header " + layout.describe(arena.firstPage()),
                wordOffset,
                "0 in the bits that are no state of the " + arena.blockCount() + " blocks",
                "0x" + Long.toHexString(stray));
    }

    private void locate(Consumer<Finding> findings) {
        NavigableMap<Long, Arena> byFirstBit = new TreeMap<>();
        for (Arena arena : arenas) {
            byFirstBit.put(arena.firstStateBit(), arena);
        }
        WordScan.run(region, ranges, (offset, word) -> locate(offset, word, byFirstBit, findings));
    }

    private void locate(long offset, long word, NavigableMap<Long, Arena> byFirstBit, Consumer<Finding> findings) {
        for (long bits = word; bits != 0; bits &= bits - 1) {
            long bit = offset * Byte.SIZE + Long.numberOfTrailingZeros(bits);
            Map.Entry<Long, Arena> below = byFirstBit.floorEntry(bit);
            if (below == null
                    || !layout.isState(bit - below.getKey(), below.getValue().blockCount())) {
                findings.accept(stray(bit));
            }
        }
    }

    private static Finding stray(long bit) {
        long wordOffset = bit >>> WORD_SHIFT << 3;
        return new Finding(
                Finding.Severity.ERROR,
                "bitmap.stray-bits",
                "page bits bit=" + (bit & (Long.SIZE - 1)),
                wordOffset,
                "0, since no block owns the bit",
                "1");
    }
}
