package pmem.spi.extent;

/** The figures of a policy over an extent table, by its volatile side. Others change that meanwhile. */
final class ExtentFigures<S extends SlabExtent> {
    private final FreeExtents free;
    private final ExtentMap<S> map;
    private final OtherBlocks others;

    ExtentFigures(FreeExtents free, ExtentMap<S> map, OtherBlocks others) {
        this.free = free;
        this.map = map;
        this.others = others;
    }

    /** As {@link pmem.spi.Policy#usedBytes}, of the space there is. */
    long usedBytes(ExtentTableLayout usable) {
        return usable.metadataBytes() + ((long) (usable.pageCount() - free.freePages()) << usable.pageShift());
    }

    /** As {@link pmem.spi.Policy#liveBlocks}. */
    long liveBlocks() {
        long[] blocks = {others.liveBlocks()};
        map.forEachSlab(slab -> blocks[0] += Math.max(0, slab.claimedCount()));
        return blocks[0];
    }

    /** As {@link pmem.spi.Policy#liveBytes}. */
    long liveBytes() {
        long[] bytes = {others.liveBytes()};
        map.forEachSlab(slab -> bytes[0] += (long) Math.max(0, slab.claimedCount()) * slab.blockBytes());
        return bytes[0];
    }

    /** As {@link pmem.spi.Policy#largestFreeBytes}. */
    long largestFreeBytes(int pageShift) {
        PageBits usedPages = free.snapshot(true);
        long[] largest = {others.largestFreeBytes(usedPages)};
        map.forEachSlab(slab -> {
            int claimed = slab.isOpenToAll() ? slab.claimedCount() : slab.blockCount();
            if (claimed == 0) {
                // A shortage makes the slab give way.
                usedPages.setRange(slab.firstPage(), slab.pageCount(), false);
            } else if (claimed > 0 && claimed < slab.blockCount()) {
                largest[0] = Math.max(largest[0], slab.blockBytes());
            }
        });
        return Math.max(largest[0], (long) free.longestRun(usedPages) << pageShift);
    }
}
