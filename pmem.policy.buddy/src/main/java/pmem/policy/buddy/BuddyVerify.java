package pmem.policy.buddy;

import java.util.function.Consumer;
import pmem.api.Finding;
import pmem.spi.Region;

/**
 * Compares the head-tag map with the free units. Knows nothing of how free blocks are found: it counts units.
 *
 * <p>A unit is in an allocated block (media says so), free (DRAM says so), or in neither: then a reserved
 * block has it, of which only number and total length are known. Never may a unit be in both or in two of a kind.
 */
final class BuddyVerify {
    private final HeadTagLayout layout;
    private final HeadRules rules;
    private final HeadCursor head;
    private final FreeTrees free;
    private final Consumer<Finding> findings;
    private final UnitSet taken;
    private long allocatedBlocks;
    private long allocatedUnits;
    private long freeUnits;

    BuddyVerify(
            Region region,
            HeadTagLayout layout,
            BuddyParameters parameters,
            FreeTrees free,
            Consumer<Finding> findings) {
        this.layout = layout;
        this.free = free;
        this.findings = findings;
        rules = new HeadRules(layout, parameters);
        head = new HeadCursor(region, layout, region.usedRanges(layout.mapOffset(), layout.mapEndOffset()));
        taken = new UnitSet(layout.firstUnit(), layout.unitCount());
    }

    /** Reports everything that is wrong; {@code withdrawnUnits} are out of service. */
    void run(long withdrawnUnits) {
        checkHeads();
        if (!free.summariesHold()) {
            error("free blocks", "summaries and counters that say what the words hold", "others");
        }
        free.forEachFreeRun(this::checkFreeRun);
        checkCounters(free.liveBlocks(), withdrawnUnits);
    }

    private void checkHeads() {
        long endOfBefore = layout.firstUnit();
        for (long from = layout.firstUnit(); head.seek(from); from = head.unit() + 1) {
            if (!rules.hold(head, endOfBefore)) {
                findings.accept(rules.broken(head, endOfBefore));
                continue;
            }
            taken.addRun(head.unit(), head.lengthUnits());
            endOfBefore = head.unit() + head.lengthUnits();
            allocatedBlocks++;
            allocatedUnits += head.lengthUnits();
        }
    }

    private void checkFreeRun(long start, long end) {
        freeUnits += end - start;
        String found = "free units=" + (end - start);
        if (start < layout.firstUnit() || end > layout.endUnit()) {
            error(rules.place(start), "free units inside the space", found);
        } else if (!taken.addRun(start, end - start)) {
            error(rules.place(start), "free units apart from allocated and other free ones", found);
        }
    }

    private void checkCounters(long liveBlocks, long withdrawnUnits) {
        long counted = layout.unitCount() - free.takenUnits();
        if (freeUnits != counted) {
            error("counter of free units", Long.toString(freeUnits), Long.toString(counted));
        }
        long reservedBlocks = liveBlocks - allocatedBlocks;
        long reservedUnits = layout.unitCount() - freeUnits - allocatedUnits - withdrawnUnits;
        String found = "live_blocks=" + liveBlocks + " allocated_blocks=" + allocatedBlocks + " reserved_units="
                + reservedUnits;
        if (reservedBlocks < 0 || reservedUnits < reservedBlocks) {
            error("counter of live blocks", "allocated blocks and at least a unit for each reserved one", found);
        } else if (reservedBlocks == 0 && reservedUnits > 0) {
            warning("counter of live blocks", "no unit taken without a block", found);
        }
    }

    private void error(String place, String expected, String found) {
        report(Finding.Severity.ERROR, place, expected, found);
    }

    private void warning(String place, String expected, String found) {
        report(Finding.Severity.WARNING, place, expected, found);
    }

    private void report(Finding.Severity severity, String place, String expected, String found) {
        findings.accept(new Finding(severity, "buddy.verify", place, Finding.NO_OFFSET, expected, found));
    }
}
