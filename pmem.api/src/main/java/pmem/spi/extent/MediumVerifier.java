package pmem.spi.extent;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import pmem.api.Finding;
import pmem.spi.Region;
import pmem.spi.TagFloat;

/** Compares the tags of medium blocks, what is claimed and what is counted with each other, while nobody changes any of it. */
final class MediumVerifier {
    private final MediumBlocks blocks;
    private final Region region;
    private final MediumLayout layout;
    private final Consumer<Finding> findings;

    MediumVerifier(MediumBlocks blocks, Region region, MediumLayout layout, Consumer<Finding> findings) {
        this.blocks = blocks;
        this.region = region;
        this.layout = layout;
        this.findings = findings;
    }

    /** Compares the tags of a segment with what is claimed. */
    void verify(MediumSegment segment) {
        MediumTags tags = new MediumTags(layout, segment.firstPage(), segment.pageCount());
        tags.scan(
                blocks.tagWords(segment),
                (unit, units) -> {
                    if (!segment.isClaimed(unit, units)) {
                        findings.accept(tags.finding(
                                unit, "allocated blocks to be claimed in memory", "units that are free in memory"));
                    }
                },
                findings);
    }

    /** Compares the counters, the lists of free runs and the caches with the units that are claimed. */
    void verifyCounters() {
        blocks.settle();
        long[] units = {0, 0};
        blocks.forEachSegment(segment -> {
            units[0] += segment.claimedUnits();
            units[1] += segment.unitCount() - segment.firstUnit() - segment.claimedUnits();
        });
        ExtentVerifier.expectEqual("claimed units", blocks.claimedUnits(), units[0], findings);
        long listed = 0;
        for (MediumHeap heap : blocks.heaps()) {
            listed += heap.listedUnits();
        }
        ExtentVerifier.expectEqual("units in lists of free runs", listed, units[1], findings);
        verifyCaches();
    }

    private void verifyCaches() {
        long[] found = {0, 0};
        Set<Long> handles = new HashSet<>();
        blocks.caches().forEachRun((handle, tag) -> {
            found[0]++;
            found[1] += MediumLayout.unitsOf(tag);
            if (handles.add(handle)) {
                verifyCached(handle, MediumLayout.unitsOf(tag));
            } else {
                reportCached(handle, "one cache that has it", "two");
            }
        });
        ExtentVerifier.expectEqual("cached runs", blocks.caches().runs(), found[0], findings);
        ExtentVerifier.expectEqual("cached units", blocks.caches().units(), found[1], findings);
    }

    private void verifyCached(long handle, int units) {
        MediumSegment segment = blocks.segmentOf(handle);
        int unit = segment == null ? -1 : segment.unitOf(handle);
        if (segment == null || unit < 0 || !segment.isClaimed(unit, units) || !segment.isWaiting(unit)) {
            String expected = units + " units that are claimed and marked in a segment";
            reportCached(handle, expected, segment == null ? "no segment" : "others");
        } else if (region.loadByteAcquire(segment.tagsOffset() + unit) != TagFloat.NONE) {
            MediumTags tags = new MediumTags(layout, segment.firstPage(), segment.pageCount());
            findings.accept(tags.finding(unit, "a cached run to be free on media", "an allocated block"));
        }
    }

    private void reportCached(long handle, String expected, String found) {
        findings.accept(new Finding(
                Finding.Severity.ERROR,
                ExtentVerifier.CODE,
                "cached run handle=0x" + Long.toHexString(handle),
                Finding.NO_OFFSET,
                expected,
                found));
    }
}
