package pmem.recovery;

import java.util.function.Consumer;
import java.util.stream.IntStream;
import pmem.api.Finding;
import pmem.api.PoolOpenException;
import pmem.api.RepairItem;
import pmem.api.RepairItem.Action;
import pmem.spi.Region;

/**
 * Makes both superblock copies right.
 *
 * <p>A copy is rewritten from the other one. If none is right, words in which the two differ are taken now from the one, now
 * from the other, until the checksum is right, which no wrong choice makes it. Two right copies that differ: the first one stays.
 */
final class SuperblockRepair {
    /** Differing words that are tried in all combinations. */
    private static final int DIFFERENCES_MAX = 12;

    private final Region region;
    private final Consumer<RepairItem> items;

    SuperblockRepair(Region region, Consumer<RepairItem> items) {
        this.region = region;
        this.items = items;
    }

    /**
     * Repairs the copies.
     *
     * @throws PoolOpenException if nothing can be told from them
     */
    Superblock run() {
        OpenDecision found = OpenDecision.of(region);
        boolean joined = found.superblock().isEmpty() && joinCopies();
        OpenDecision decision = joined ? OpenDecision.of(region) : found;
        if (decision.superblock().isEmpty()) {
            // Says why.
            decision.require();
        }
        Superblock superblock = decision.superblock().orElseThrow();
        for (Finding finding : found.findings()) {
            if (!finding.code().equals(OpenDecision.CAPACITY_CODE)) {
                rewrite(superblock, finding, joined);
            }
        }
        if (superblock.geometry().growable()) {
            mendCapacity(superblock.geometry().maxCapacityBytes());
        }
        return OpenDecision.of(region).require();
    }

    private void rewrite(Superblock superblock, Finding finding, boolean joined) {
        int copy = finding.offset() == SuperblockLayout.copyOffset(0) ? 0 : 1;
        superblock.storeBody(region, copy);
        Superblock.storeMagic(region, copy);
        String source = joined ? "the intact words of both copies" : "the other copy";
        items.accept(new RepairItem(Action.REWRITTEN, finding, "rewritten from " + source));
    }

    // If both words are damaged the region's length is the only witness: the pool is that long, or its growth was
    // interrupted and
    // the rest was never used.
    private void mendCapacity(long maxCapacityBytes) {
        long recorded = CapacityWord.read(region);
        long capacityBytes = recorded != 0 ? recorded : Math.min(maxCapacityBytes, region.capacityBytes());
        for (Finding finding : OpenDecision.of(region).findings()) {
            if (finding.code().equals(OpenDecision.CAPACITY_CODE)) {
                region.storePlain(finding.offset(), CapacityWord.of(capacityBytes));
                String source =
                        recorded != 0 ? "the other copy" : "the length of the pool, " + capacityBytes + " bytes";
                items.accept(new RepairItem(Action.REWRITTEN, finding, "rewritten from " + source));
            }
        }
    }

    /** Tries to make the first copy right. */
    private boolean joinCopies() {
        if (region.capacityBytes() < SuperblockLayout.COPIES * PoolGeometry.PAGE_BYTES) {
            return false;
        }
        long[] first = body(0);
        long[] second = body(1);
        int[] differing = IntStream.range(0, first.length)
                .filter(i -> first[i] != second[i])
                .toArray();
        for (int choice = 0; differing.length <= DIFFERENCES_MAX && choice < 1 << differing.length; choice++) {
            long[] joined = first.clone();
            for (int i = 0; i < differing.length; i++) {
                joined[differing[i]] = (choice >>> i & 1) == 0 ? first[differing[i]] : second[differing[i]];
            }
            if (joined[first.length - 1] == Superblock.checksum(index -> joined[index])) {
                IntStream.range(0, joined.length).forEach(i -> region.storePlain((long) i * Long.BYTES, joined[i]));
                Superblock.storeMagic(region, 0);
                return Superblock.examine(region, 0) == Superblock.CopyState.VALID;
            }
        }
        return false;
    }

    private long[] body(int copy) {
        return IntStream.range(0, (int) (SuperblockLayout.BODY_BYTES / Long.BYTES))
                .mapToLong(i -> region.loadPlain(SuperblockLayout.copyOffset(copy) + (long) i * Long.BYTES))
                .toArray();
    }
}
