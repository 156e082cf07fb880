package pmem.spi.extent;

import pmem.api.BlockVisitor;

/** Visits all allocated blocks, extent by extent, while others change them. */
final class ExtentWalk<S extends SlabExtent> {
    private final ExtentPolicy<S> policy;
    private final ExtentMap<S> map;
    private final OtherBlocks others;

    ExtentWalk(ExtentPolicy<S> policy, ExtentMap<S> map, OtherBlocks others) {
        this.policy = policy;
        this.map = map;
        this.others = others;
    }

    /** Visits the blocks on the pages up to a number, as media has them. */
    void run(int pageCount, BlockVisitor visitor) {
        for (int page = 0; page < pageCount; ) {
            boolean blankPart = map.isBlankAt(page) && others.isBlankAt(page);
            page = blankPart ? ExtentMap.endOfPart(page, pageCount) : visitExtent(page, visitor);
        }
    }

    /** Visits the blocks of the extent that starts with a page, if any; returns the page after it. */
    private int visitExtent(int page, BlockVisitor visitor) {
        S slab = map.slabAt(page);
        if (slab != null) {
            if (slab.firstPage() == page) {
                visitSlab(page, slab, visitor);
            }
            return slab.firstPage() + slab.pageCount();
        }
        return others.visit(page, visitor);
    }

    private void visitSlab(int page, S slab, BlockVisitor visitor) {
        if (slab.isBorrowed()) {
            return;
        }
        long[] states = new long[slab.wordCount()];
        policy.readStates(slab, states);
        if (!slab.is(map.slabAt(page))) {
            // Dropped meanwhile: what was just read may be the content of other blocks.
            return;
        }
        for (int i = 0; i < states.length; i++) {
            for (long allocated = states[i] & slab.maskOf(i); allocated != 0; allocated &= allocated - 1) {
                int index = i * Long.SIZE + Long.numberOfTrailingZeros(allocated);
                visitor.visit(slab.handleOf(index), slab.blockBytes());
            }
        }
    }
}
