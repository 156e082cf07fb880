package pmem.spi.extent;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/**
 * Makes slabs and drops them: takes their pages and gives them back, writes their table words and makes those durable. Which lists a
 * slab is in is the policy's.
 *
 * @param <S> the policy's slabs
 */
final class SlabMaker<S extends SlabExtent> {
    /** A slab takes no more than one part in so many of the free pages, so that a few sizes do not take all of a small pool. */
    private static final int SLABS_IN_FREE_SPACE = 16;

    private final Region region;
    private final ExtentTableLayout layout;
    private final SlabPlan plan;
    private final FreeExtents free;
    private final ExtentMap<S> map;
    /** How many blocks the slabs of each class have, claimed or not. */
    private final AtomicLongArray blocksOfClass;

    SlabMaker(
            Region region,
            ExtentTableLayout layout,
            SlabPlan plan,
            FreeExtents free,
            ExtentMap<S> map,
            int classCount) {
        this.region = region;
        this.layout = layout;
        this.plan = plan;
        this.free = free;
        this.map = map;
        blocksOfClass = new AtomicLongArray(classCount);
    }

    /** Number of blocks that the slabs of a class have, claimed or not. */
    long blocksOfClass(int classIndex) {
        return blocksOfClass.get(classIndex);
    }

    /** Enters a slab: its blocks are found from then on. */
    void enter(S slab) {
        map.putSlab(slab);
        blocksOfClass.addAndGet(slab.classIndex(), slab.blockCount());
    }

    private void leave(S slab) {
        map.removeSlab(slab);
        blocksOfClass.addAndGet(slab.classIndex(), -slab.blockCount());
    }

    /**
     * Makes a slab: takes pages, {@linkplain ExtentPolicy#prepare prepares} it, writes the table word and makes that durable. At return the
     * slab is found by handles and walks, and is in no list yet.
     *
     * @param node the NUMA node, as its place among those of the region, unless that has no room
     * @return the slab, or nothing if no run of pages is long enough for one block, or the system has no storage for it
     */
    Optional<S> create(
            ExtentPolicy<S> policy, PersistPoint point, int classIndex, ExtentPolicy.PageChoice choice, int node) {
        Optional<S> taken = takeSlab(policy, classIndex, blocksOfClass.get(classIndex), choice, node);
        taken.ifPresent(slab -> {
            policy.prepare(slab);
            writeWord(point, slab);
            enter(slab);
        });
        return taken;
    }

    private void writeWord(PersistPoint point, S slab) {
        long wordOffset = layout.wordOffset(slab.firstPage());
        region.storeRelease(wordOffset, ExtentWord.slab(slab.firstPage(), slab.pageCount(), slab.classIndex()));
        region.writeBackAndFence(point, wordOffset);
        region.step("extent.slab-durable");
    }

    /** Takes pages for a slab, as long as its class should have by the number of blocks there are. */
    private Optional<S> takeSlab(
            ExtentPolicy<S> policy, int classIndex, long blocksBefore, ExtentPolicy.PageChoice choice, int node) {
        int wanted = plan.nextPages(classIndex, blocksBefore, free.freePages() / SLABS_IN_FREE_SPACE);
        Optional<S> taken = Optional.empty();
        // A short slab near by is better than a long one far away.
        for (int i = 0; i < free.nodeCount() && taken.isEmpty(); i++) {
            taken = takeSlabOnNode(policy, classIndex, wanted, choice, (node + i) % free.nodeCount());
        }
        return taken;
    }

    private Optional<S> takeSlabOnNode(
            ExtentPolicy<S> policy, int classIndex, int wantedPages, ExtentPolicy.PageChoice choice, int node) {
        int least = plan.leastPages(classIndex);
        int pages = wantedPages;
        int page = choice.take(free, pages, node);
        while (page < 0 && pages > least) {
            pages = Math.max(least, pages / 2);
            page = choice.take(free, pages, node);
        }
        if (page < 0) {
            return Optional.empty();
        }
        if (!layout.ensureBacked(region, page, pages, true)) {
            free.give(page, pages);
            return Optional.empty();
        }
        return Optional.of(
                policy.newSlab(new SlabExtent.Place(page, pages, classIndex), plan.blockCount(classIndex, pages)));
    }

    /**
     * Makes a slab in DRAM only: a crash frees its pages. None of its blocks may be published before {@link #keep}.
     *
     * @param blocksBefore how many blocks slabs of the same use have, which tells how long it should be
     * @return the slab, as {@link #create}
     */
    Optional<S> borrow(ExtentPolicy<S> policy, int classIndex, long blocksBefore, int node) {
        Optional<S> taken = takeSlab(policy, classIndex, blocksBefore, policy::takePages, node);
        taken.ifPresent(slab -> {
            slab.setBorrowed(true);
            enter(slab);
        });
        return taken;
    }

    /** Writes a borrowed slab to media: {@linkplain ExtentPolicy#prepare prepares} it and makes its table word durable. */
    void keep(ExtentPolicy<S> policy, PersistPoint point, S slab) {
        policy.prepare(slab);
        writeWord(point, slab);
        slab.setBorrowed(false);
    }

    /** Gives the pages of a borrowed slab back; no block of it is claimed, and media needs nothing. */
    void giveBack(S slab) {
        leave(slab);
        region.step("extent.give-pages");
        free.give(slab.firstPage(), slab.pageCount());
    }

    /**
     * Drops slabs without claimed blocks, from which nobody can claim any more: their table words become 0, durably under one
     * fence, and then their pages free. Their state bits are 0 on media already, since a block is released only after its free
     * is durable.
     */
    void drop(PersistPoint point, Collection<S> slabs) {
        for (S slab : slabs) {
            leave(slab);
            long wordOffset = layout.wordOffset(slab.firstPage());
            region.storeRelease(wordOffset, 0);
            region.writeBack(point, wordOffset, Long.BYTES);
        }
        region.fence(point);
        for (S slab : slabs) {
            region.step("extent.give-pages");
            free.give(slab.firstPage(), slab.pageCount());
        }
    }
}
