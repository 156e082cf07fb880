package pmem.spi.extent;

import pmem.spi.Region;

/** Fills the volatile side of a policy from the extents that its table has. */
final class ExtentLoad<S extends SlabExtent> implements ExtentRebuild.Sink {
    private final ExtentPolicy<S> policy;
    private final Region region;
    private final ExtentTableLayout layout;
    private final SizeClasses classes;
    private final SlabPlan plan;
    private final SlabMaker<S> slabs;
    private final OtherBlocks others;
    private final ExtentRebuild reader;

    ExtentLoad(
            ExtentPolicy<S> policy,
            Region region,
            ExtentTableLayout layout,
            SizeClasses classes,
            SlabPlan plan,
            SlabMaker<S> slabs,
            OtherBlocks others,
            ExtentRebuild reader) {
        this.policy = policy;
        this.region = region;
        this.layout = layout;
        this.classes = classes;
        this.plan = plan;
        this.slabs = slabs;
        this.others = others;
        this.reader = reader;
    }

    @Override
    public void large(int page, int pages) {
        others.large().enter(page, pages);
    }

    @Override
    public boolean medium(int page, int pages) {
        MediumBlocks medium = others.medium();
        boolean possible = medium != null && medium.isPossible(pages);
        if (medium != null && possible) {
            medium.enter(page, pages, finding -> {
                throw reader.refused(finding);
            });
        }
        return possible;
    }

    @Override
    public void slab(SlabExtent.Place place) {
        int blockCount = SlabExtent.blockCount(classes, plan, place.classIndex(), place.pageCount());
        if (blockCount == 0) {
            long word = region.loadAcquire(layout.wordOffset(place.firstPage()));
            throw reader.damaged(place.firstPage(), "a slab of one of " + classes.count() + " size classes", word);
        }
        S slab = policy.newSlab(place, blockCount);
        policy.load(slab, finding -> {
            throw reader.refused(finding);
        });
        slabs.enter(slab);
        policy.adopt(slab);
    }
}
