package pmem.policy.segregated;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import pmem.api.RepairItem;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicyParameter;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PolicySpace;
import pmem.spi.extent.ExtentTableLayout;

/** Provides the {@code segregated} policy. */
public final class SegregatedProvider implements PolicyProvider {
    private static final PersistPoint FORMATTED = new PersistPoint(
            "segregated.formatted",
            "An empty extent table is on media before the pool's superblock says that there is a pool; before that, nothing is"
                    + " concluded from it.");

    private static final int FORMAT_VERSION = 1;
    /** States are in the slabs, none in the table. */
    private static final int BITS_PER_PAGE = 0;

    /** For the service loader. */
    public SegregatedProvider() {}

    @Override
    public String id() {
        return "segregated";
    }

    @Override
    public String summary() {
        return "Size classes in slabs divided among threads: little waste inside blocks, for many threads at once.";
    }

    @Override
    public int formatVersion() {
        return FORMAT_VERSION;
    }

    @Override
    public List<PolicyParameter> parameters() {
        return SegregatedParameters.DECLARED;
    }

    @Override
    public long minimumBytes(PolicyParameters parameters) {
        SegregatedParameters chosen = SegregatedParameters.of(parameters);
        return ExtentTableLayout.minimumBytes(1, chosen.pageBytes(), BITS_PER_PAGE);
    }

    @Override
    public OptionalLong leastUsableEnd(long startOffset, long endOffset, PolicyParameters parameters) {
        long pageBytes = SegregatedParameters.of(parameters).pageBytes();
        return OptionalLong.of(ExtentTableLayout.leastUsableEnd(startOffset, endOffset, pageBytes, BITS_PER_PAGE));
    }

    @Override
    public void format(PolicySpace space, PolicyParameters parameters, boolean zeroed) {
        if (!zeroed) {
            layout(space, SegregatedParameters.of(parameters)).format(space.region(), FORMATTED);
        }
    }

    @Override
    public Policy attach(PolicySpace space, PolicyParameters parameters) {
        SegregatedParameters chosen = SegregatedParameters.of(parameters);
        return SegregatedPolicy.attach(space, layout(space, chosen), chosen);
    }

    @Override
    public boolean repair(PolicySpace space, PolicyParameters parameters, Consumer<RepairItem> items) {
        SegregatedParameters chosen = SegregatedParameters.of(parameters);
        new SegregatedRepair(space.region(), layout(space, chosen).upTo(space.usableEndOffset()), chosen, items).run();
        return true;
    }

    @Override
    public List<PersistPoint> persistPoints() {
        return List.of(
                FORMATTED,
                SegregatedPolicy.SLAB_HEADER_CLEARED,
                SegregatedPolicy.SLAB_CREATED,
                SegregatedPolicy.SLAB_DROPPED,
                SegregatedPolicy.MEDIUM_TAGS_CLEARED,
                SegregatedPolicy.MEDIUM_CREATED,
                SegregatedPolicy.MEDIUM_DROPPED);
    }

    private static ExtentTableLayout layout(PolicySpace space, SegregatedParameters chosen) {
        return ExtentTableLayout.of(space, chosen.pageBytes(), BITS_PER_PAGE);
    }
}
