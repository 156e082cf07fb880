package pmem.policy.bitmap;

import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import pmem.api.Finding;
import pmem.api.RepairItem;
import pmem.spi.Region;
import pmem.spi.extent.ExtentRepair;
import pmem.spi.extent.ExtentTableLayout;
import pmem.spi.extent.SizeClasses;
import pmem.spi.extent.SlabExtent;
import pmem.spi.extent.SlabPlan;

/** Repairs the extent table, and clears the page bits that no block owns after that. */
final class BitmapRepair implements ExtentRepair.SlabRules {
    private final Region region;
    private final ExtentTableLayout layout;
    private final ArenaLayout arenaLayout;
    private final SizeClasses classes;
    private final SlabPlan plan;
    private final Consumer<RepairItem> items;

    BitmapRepair(Region region, ExtentTableLayout layout, BitmapParameters parameters, Consumer<RepairItem> items) {
        this.region = region;
        this.layout = layout;
        this.items = items;
        classes = parameters.sizeClasses();
        arenaLayout = parameters.arenaLayout(layout);
        plan = BitmapPolicy.plan(arenaLayout, parameters);
    }

    void run() {
        List<SlabExtent.Place> arenas = new ExtentRepair(region, layout, this, items).run();
        clearStrayBits(arenas);
        for (SlabExtent.Place place : arenas) {
            if (hasHeader(place)) {
                clearHeader(arena(place));
            }
        }
    }

    private boolean hasHeader(SlabExtent.Place place) {
        return arenaLayout.hasHeader(classes.bytes(place.classIndex()));
    }

    private Arena arena(SlabExtent.Place place) {
        return BitmapPolicy.arena(
                region, arenaLayout, classes, place, blockCount(place.classIndex(), place.pageCount()));
    }

    private void clearHeader(Arena arena) {
        StrayBits.checkHeader(region, arenaLayout, arena, finding -> {
            int word = (int) ((finding.offset() - arena.firstStateBit() / Byte.SIZE) / Long.BYTES);
            long unused = ~arenaLayout.statesOf(word, arena.blockCount());
            region.storePlain(finding.offset(), region.loadPlain(finding.offset()) & ~unused);
            items.accept(new RepairItem(RepairItem.Action.CLEARED, finding, "the bits are 0; no block has them"));
        });
    }

    @Override
    public int blockCount(int classIndex, int pages) {
        return SlabExtent.blockCount(classes, plan, classIndex, pages);
    }

    @Override
    public boolean fits(SlabExtent.Place place) {
        if (hasHeader(place) && !hasCleanHeader(place)) {
            return false;
        }
        int blocks = blocksInPageBits(place);
        long first = layout.firstStateBit(place.firstPage());
        long end = layout.firstStateBit(place.firstPage() + place.pageCount());
        long bit = first;
        while (bit < end && (arenaLayout.isState(bit - first, blocks) || !isSet(bit))) {
            bit++;
        }
        return bit == end;
    }

    private int blocksInPageBits(SlabExtent.Place place) {
        return hasHeader(place) ? 0 : blockCount(place.classIndex(), place.pageCount());
    }

    private boolean hasCleanHeader(SlabExtent.Place place) {
        boolean[] clean = {true};
        StrayBits.checkHeader(region, arenaLayout, arena(place), finding -> clean[0] = false);
        return clean[0];
    }

    private boolean isSet(long bit) {
        return (region.loadPlain(wordOffset(bit)) >>> bit & 1) != 0;
    }

    private static long wordOffset(long bit) {
        return bit / Long.SIZE * Long.BYTES;
    }

    private void clearStrayBits(List<SlabExtent.Place> arenas) {
        long next = layout.bitsOffset() * Byte.SIZE;
        for (SlabExtent.Place arena : arenas) {
            long first = layout.firstStateBit(arena.firstPage());
            clear(next, first);
            next = arenaLayout.spread() ? clearBetweenStates(arena, first) : first + blocksInPageBits(arena);
        }
        clear(next, layout.bitsEndOffset() * Byte.SIZE);
    }

    /** Clears what is no state in the words of an arena's states; returns the first bit after them. */
    private long clearBetweenStates(SlabExtent.Place arena, long firstBit) {
        int blocks = blocksInPageBits(arena);
        int word = 0;
        for (; arenaLayout.statesOf(word, blocks) != 0; word++) {
            clearWord(wordOffset(firstBit) + (long) word * Long.BYTES, ~arenaLayout.statesOf(word, blocks));
        }
        return firstBit + (long) word * Long.SIZE;
    }

    private void clear(long fromBit, long toBit) {
        for (long bit = fromBit; bit < toBit; ) {
            long endOfWord = Math.min(toBit, (bit / Long.SIZE + 1) * Long.SIZE);
            int count = (int) (endOfWord - bit);
            long mask = -1L >>> (Long.SIZE - count) << bit;
            clearWord(wordOffset(bit), mask);
            bit = endOfWord;
        }
    }

    private void clearWord(long offset, long mask) {
        long word = region.loadPlain(offset);
        if ((word & mask) == 0) {
            return;
        }
        region.storePlain(offset, word & ~mask);
        Finding finding = new Finding(
                Finding.Severity.ERROR,
                "bitmap.stray-bits",
                "page bits",
                offset,
                "0 in the bits that no block owns",
                "bits " + BitSet.valueOf(new long[] {word & mask}));
        items.accept(new RepairItem(
                RepairItem.Action.CLEARED,
                finding,
                Long.bitCount(word & mask) + " states without a block are given up"));
    }
}
