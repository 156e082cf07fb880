package pmem.policy.bitmap;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import pmem.api.Finding;
import pmem.spi.Region;
import pmem.spi.extent.ExtentTableLayout;

/** Finds page bits that are set though no block owns them: outside all arenas, or after an arena's last block. */
final class StrayBits {
    private static final int WORD_SHIFT = 6;

    private final Region region;
    private final ExtentTableLayout layout;
    private final List<Arena> arenas = new ArrayList<>();

    StrayBits(Region region, ExtentTableLayout layout) {
        this.region = region;
        this.layout = layout;
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
        long set = 0;
        for (long offset = layout.bitsOffset(); offset < layout.bitsEndOffset(); offset += Long.BYTES) {
            set += Long.bitCount(region.loadPlain(offset));
        }
        if (set != owned) {
            locate(findings);
        }
    }

    private void locate(Consumer<Finding> findings) {
        TreeMap<Long, Arena> byFirstBit = new TreeMap<>();
        for (Arena arena : arenas) {
            byFirstBit.put(arena.firstStateBit(), arena);
        }
        for (long offset = layout.bitsOffset(); offset < layout.bitsEndOffset(); offset += Long.BYTES) {
            for (long bits = region.loadPlain(offset); bits != 0; bits &= bits - 1) {
                long bit = offset * Byte.SIZE + Long.numberOfTrailingZeros(bits);
                Map.Entry<Long, Arena> below = byFirstBit.floorEntry(bit);
                if (below == null || bit - below.getKey() >= below.getValue().blockCount()) {
                    findings.accept(stray(bit));
                }
            }
        }
    }

    private Finding stray(long bit) {
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
