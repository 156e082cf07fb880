package pmem.policy.segregated;

import java.util.Optional;
import java.util.function.Consumer;
import pmem.api.RepairItem;
import pmem.spi.Region;
import pmem.spi.extent.ExtentRepair;
import pmem.spi.extent.ExtentTableLayout;
import pmem.spi.extent.MediumPlan;
import pmem.spi.extent.SizeClasses;
import pmem.spi.extent.SlabExtent;
import pmem.spi.extent.SlabPlan;

/** Repairs the extent table and the segments of medium blocks, and clears the bits of slab headers that no block owns. */
final class SegregatedRepair implements ExtentRepair.SlabRules {
    private final Region region;
    private final ExtentTableLayout layout;
    private final SizeClasses classes;
    private final SlabHeaderLayout headers;
    private final SlabPlan plan;
    private final Optional<MediumPlan> medium;
    private final Consumer<RepairItem> items;

    SegregatedRepair(
            Region region, ExtentTableLayout layout, SegregatedParameters parameters, Consumer<RepairItem> items) {
        this.region = region;
        this.layout = layout;
        this.items = items;
        medium = SegregatedPolicy.mediumPlan(parameters);
        classes = parameters.sizeClasses();
        headers = SegregatedPolicy.headers(region, layout, parameters);
        plan = SegregatedPolicy.plan(layout, parameters, classes, headers);
    }

    void run() {
        for (SlabExtent.Place place : new ExtentRepair(region, layout, this, items).run()) {
            Slab slab = slab(place);
            slab.forEachStrayWord(header(slab), (offset, stray) -> clear(slab, offset, stray));
        }
    }

    @Override
    public int blockCount(int classIndex, int pages) {
        return SlabExtent.blockCount(classes, plan, classIndex, pages);
    }

    @Override
    public boolean fits(SlabExtent.Place place) {
        boolean[] stray = {false};
        Slab slab = slab(place);
        slab.forEachStrayWord(header(slab), (offset, bits) -> stray[0] = true);
        return !stray[0];
    }

    @Override
    public Optional<MediumPlan> medium() {
        return medium;
    }

    private long[] header(Slab slab) {
        long[] words = new long[(int) (headers.headerBytes(slab.blockCount()) / Long.BYTES)];
        region.loadOnce(slab.headerOffset(), words);
        return words;
    }

    private Slab slab(SlabExtent.Place place) {
        int blocks = blockCount(place.classIndex(), place.pageCount());
        return SegregatedPolicy.slab(place, blocks, layout, classes, headers);
    }

    private void clear(Slab slab, long offset, long stray) {
        region.storePlain(offset, region.loadPlain(offset) & ~stray);
        items.accept(new RepairItem(
                RepairItem.Action.CLEARED,
                SegregatedPolicy.strayFinding(layout, slab, offset, stray),
                "the bits are 0; no block has them"));
    }
}
