package pmem.recovery;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
            rewrite(superblock, finding, joined);
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

    /** Tries to make the first copy right. */
    private boolean joinCopies() {
        if (region.capacityBytes() < SuperblockLayout.COPIES * PoolGeometry.PAGE_BYTES) {
            return false;
        }
        List<Long> differing = new ArrayList<>();
        for (long at = 0; at < SuperblockLayout.BODY_BYTES; at += Long.BYTES) {
            if (region.loadPlain(at) != region.loadPlain(SuperblockLayout.copyOffset(1) + at)) {
                differing.add(at);
            }
        }
        if (differing.isEmpty() || differing.size() > DIFFERENCES_MAX) {
            return false;
        }
        for (int choice = 0; choice < 1 << differing.size(); choice++) {
            OverlayRegion attempt = new OverlayRegion(region);
            choose(attempt, differing, choice);
            if (Superblock.examine(attempt, 0) == Superblock.CopyState.VALID) {
                choose(region, differing, choice);
                return true;
            }
        }
        return false;
    }

    private void choose(Region target, List<Long> differing, int choice) {
        for (int i = 0; i < differing.size(); i++) {
            if ((choice >>> i & 1) != 0) {
                long at = differing.get(i);
                target.storePlain(at, region.loadPlain(SuperblockLayout.copyOffset(1) + at));
            }
        }
    }
}
