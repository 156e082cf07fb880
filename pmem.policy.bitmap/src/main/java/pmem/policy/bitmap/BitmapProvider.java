package pmem.policy.bitmap;

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

/** Provides the {@code bitmap} policy. */
public final class BitmapProvider implements PolicyProvider {
    private static final PersistPoint FORMATTED = new PersistPoint(
            "bitmap.formatted",
            "An empty extent table and all-zero page bits are on media before the pool's superblock says that there is a"
                    + " pool; before that, nothing is concluded from them.");

    private static final int FORMAT_VERSION = 2;

    /** For the service loader. */
    public BitmapProvider() {}

    @Override
    public String id() {
        return "bitmap";
    }

    @Override
    public String summary() {
        return "Arenas of equal blocks with one dense bitmap, claimed without locks: the smallest footprint, one bit a block.";
    }

    @Override
    public int formatVersion() {
        return FORMAT_VERSION;
    }

    @Override
    public List<PolicyParameter> parameters() {
        return BitmapParameters.DECLARED;
    }

    @Override
    public long minimumBytes(PolicyParameters parameters) {
        BitmapParameters chosen = BitmapParameters.of(parameters);
        return ExtentTableLayout.minimumBytes(1, chosen.pageBytes(), chosen.bitsPerPage());
    }

    @Override
    public OptionalLong leastUsableEnd(long startOffset, long endOffset, PolicyParameters parameters) {
        BitmapParameters chosen = BitmapParameters.of(parameters);
        return OptionalLong.of(
                ExtentTableLayout.leastUsableEnd(startOffset, endOffset, chosen.pageBytes(), chosen.bitsPerPage()));
    }

    @Override
    public void format(PolicySpace space, PolicyParameters parameters, boolean zeroed) {
        if (!zeroed) {
            layout(space, BitmapParameters.of(parameters)).format(space.region(), FORMATTED);
        }
    }

    @Override
    public Policy attach(PolicySpace space, PolicyParameters parameters) {
        BitmapParameters chosen = BitmapParameters.of(parameters);
        return BitmapPolicy.attach(space, layout(space, chosen), chosen);
    }

    @Override
    public boolean repair(PolicySpace space, PolicyParameters parameters, Consumer<RepairItem> items) {
        BitmapParameters chosen = BitmapParameters.of(parameters);
        new BitmapRepair(space.region(), layout(space, chosen).upTo(space.usableEndOffset()), chosen, items).run();
        return true;
    }

    @Override
    public List<PersistPoint> persistPoints() {
        return List.of(
                FORMATTED, BitmapPolicy.ARENA_HEADER_CLEARED, BitmapPolicy.ARENA_CREATED, BitmapPolicy.ARENA_DROPPED);
    }

    private static ExtentTableLayout layout(PolicySpace space, BitmapParameters chosen) {
        return ExtentTableLayout.of(space, chosen.pageBytes(), chosen.bitsPerPage());
    }
}
