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

/**
 * Provides the {@code segregated} policy. What may be chosen when a pool is created, by {@code PoolOptions.policyParameter}; it is recorded in the
 * pool. {@code ./pmem policies} explains each at length.
 *
 * <table>
 * <caption>parameters</caption>
 * <tr><th>name</th><th>unit</th><th>default</th><th>range</th><th>what</th></tr>
 * <tr><td>pageBytes</td><td>bytes, power of two</td><td>4096</td><td>256 to 1048576</td>
 *     <td>a page, the unit of slabs and of large blocks</td></tr>
 * <tr><td>slabBytes</td><td>bytes, power of two</td><td>65536</td><td>256 to 67108864</td>
 *     <td>a slab that has grown</td></tr>
 * <tr><td>largestClassBytes</td><td>bytes, power of two</td><td>4096</td><td>128 to 1048576</td>
 *     <td>largest block from a slab of equal blocks</td></tr>
 * <tr><td>arenas</td><td>arenas a NUMA node, power of two</td><td>4</td><td>1 to 256</td>
 *     <td>slabs that threads share which have none to themselves</td></tr>
 * <tr><td>headerColours</td><td>cache lines, power of two</td><td>8</td><td>1 to 32</td>
 *     <td>places in a slab where its header can be</td></tr>
 * <tr><td>emptySlabsKept</td><td>slabs a size and owner</td><td>1</td><td>0 to 1024</td>
 *     <td>empty ones that keep their pages until room is short</td></tr>
 * <tr><td>maintenanceMillis</td><td>ms</td><td>1000</td><td>0 to 3600000</td>
 *     <td>between two looks of the maintainer, 0 for none</td></tr>
 * <tr><td>idleSlabsPerTick</td><td>slabs a look</td><td>16</td><td>0 to 1048576</td>
 *     <td>most that an idle owner gives up</td></tr>
 * <tr><td>growth</td><td>one part in so many</td><td>8</td><td>0 to 1024</td>
 *     <td>of the blocks there are of a size has a new slab of it, 0 for full size at once</td></tr>
 * <tr><td>mediumBytes</td><td>bytes</td><td>16384</td><td>0 to 16777216</td>
 *     <td>largest block that is a run of units, 0 for none</td></tr>
 * <tr><td>mediumUnitBytes</td><td>bytes, power of two</td><td>512</td><td>64 to 4096</td>
 *     <td>such a unit</td></tr>
 * <tr><td>mediumSegmentBytes</td><td>bytes, power of two</td><td>32768</td><td>256 to 67108864</td>
 *     <td>a segment of units, at least</td></tr>
 * <tr><td>slabsWithRoomKept</td><td>slabs a size</td><td>64</td><td>0 to 1048576</td>
 *     <td>with room that an owner in use keeps at a look</td></tr>
 * <tr><td>emptyBytesKept</td><td>bytes</td><td>67108864</td><td>0 to 1125899906842624</td>
 *     <td>of empty slabs that all owners keep at a look</td></tr>
 * <tr><td>giveBackTicks</td><td>looks</td><td>0</td><td>0 to 30000</td>
 *     <td>in a row at which storage must be free until it goes back to the system, 0 for never</td></tr>
 * <tr><td>freeBytesKept</td><td>bytes</td><td>67108864</td><td>0 to 1125899906842624</td>
 *     <td>of free space that keep their storage nevertheless</td></tr>
 * <tr><td>adoptAfter</td><td>blocks</td><td>0</td><td>0 to 1048576</td>
 *     <td>of a slab that a thread frees in a row until the slab becomes its own, 0 for never</td></tr>
 * <tr><td>largeBytesKept</td><td>bytes</td><td>67108864</td><td>0 to 1125899906842624</td>
 *     <td>of freed large blocks that are kept for the next of their length</td></tr>
 * <tr><td>largeBlockBytesKept</td><td>bytes</td><td>8388608</td><td>0 to 1125899906842624</td>
 *     <td>largest block that is kept so, 0 for none</td></tr>
 * <tr><td>mediumSegments</td><td>one part in so many</td><td>256</td><td>0 to 1048576</td>
 *     <td>of the pool has a segment of units where that is longer, 0 for one length</td></tr>
 * <tr><td>threadCaches</td><td>threads a NUMA node</td><td>64</td><td>0 to 65536</td>
 *     <td>that have slabs to themselves without an access, 0 for none</td></tr>
 * </table>
 */
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
