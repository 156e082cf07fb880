package pmem.spi.extent;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import pmem.api.Finding;
import pmem.api.Finding.Severity;
import pmem.spi.Region;

/** Compares the extent table and the state bits on media with the volatile side, while nobody else uses either. */
final class ExtentVerifier<S extends SlabExtent> {
    static final String CODE = "extent.verify";

    private final Region region;
    private final ExtentTableLayout layout;
    private final FreeExtents free;
    private final ExtentMap<S> map;
    private final Consumer<Finding> findings;
    private final UsedWords words;
    private final PageBits used;
    private long largeBlocks;
    private long largePages;
    private int freePages;
    private final OtherBlocks others;

    ExtentVerifier(
            Region region,
            ExtentTableLayout layout,
            FreeExtents free,
            ExtentMap<S> map,
            OtherBlocks others,
            Consumer<Finding> findings) {
        words = new UsedWords(region, region.usedRanges(layout.tableOffset(), layout.tableEndOffset()));
        this.region = region;
        this.layout = layout;
        this.free = free;
        this.map = map;
        this.others = others;
        this.findings = findings;
        used = free.snapshot(true);
    }

    /** Walks all pages once and compares the recount with the counters. */
    void verify() {
        for (int page = 0; page < layout.pageCount(); ) {
            int end = ExtentMap.endOfPart(page, layout.pageCount());
            if (isBlank(page, end)) {
                freePages += end - page;
                page = end;
            } else {
                page += extentAt(page);
            }
        }
        expectEqual("large blocks", others.large().liveBlocks(), largeBlocks);
        expectEqual("bytes of large blocks", others.large().liveBytes(), largePages << layout.pageShift());
        expectEqual("free pages", free.freePages(), freePages);
        others.verifyCounters(findings);
    }

    /** Whether media and the volatile side agree that no page up to the end of a part was ever used. */
    private boolean isBlank(int page, int end) {
        return map.isBlankAt(page)
                && others.isBlankAt(page)
                && free.isBlankAt(page)
                && words.areZero(layout.wordOffset(page), layout.wordOffset(end - 1) + Long.BYTES);
    }

    private int extentAt(int page) {
        S slab = map.slabAt(page);
        MediumBlocks medium = others.medium();
        MediumSegment segment = slab == null && medium != null ? medium.segmentAt(page) : null;
        Extent extent = slab != null ? slab : segment;
        int pages = extent == null ? map.largePagesAt(page) : extent.pageCount();
        if (pages == 0) {
            freePage(page);
            return 1;
        }
        if (pages > layout.pageCount() - page || (extent != null && extent.firstPage() != page)) {
            report(
                    Severity.ERROR,
                    page,
                    "an extent of its own inside the space",
                    "a volatile extent of " + pages + " pages");
            return 1;
        }
        for (int inner = page; inner < page + pages; inner++) {
            innerPage(page, inner, slab);
        }
        if (slab != null) {
            slab(slab);
        } else if (medium != null && segment != null) {
            long word = ExtentWord.medium(page, pages);
            expectWord(page, word, word);
            medium.verifier(findings).verify(segment);
        } else {
            largeBlock(page, pages);
        }
        return pages;
    }

    private void freePage(int page) {
        if (!used.get(page)) {
            freePages++;
        } else {
            report(
                    Severity.WARNING,
                    page,
                    "a page that is free or in an extent",
                    "a page that is lost until the next open");
        }
        expectWord(page, 0, 0);
    }

    private void innerPage(int firstPage, int page, @Nullable S slab) {
        if (!used.get(page)) {
            report(Severity.ERROR, page, "a page that is not free, of the extent at page " + firstPage, "a free page");
        }
        if (page != firstPage) {
            expectWord(page, 0, 0);
            S covering = map.slabAt(page);
            boolean same = slab == null ? covering == null : slab.is(covering);
            if (!same || map.largePagesAt(page) != 0) {
                report(Severity.ERROR, page, "a page of the extent at page " + firstPage, "another volatile extent");
            }
        }
    }

    private void largeBlock(int page, int pages) {
        largeBlocks++;
        largePages += pages;
        // 0 says reserved only.
        expectWord(page, 0, ExtentWord.large(page, pages));
    }

    private void slab(S slab) {
        long word = ExtentWord.slab(slab.firstPage(), slab.pageCount(), slab.classIndex());
        expectWord(slab.firstPage(), slab.isBorrowed() ? 0 : word, slab.isBorrowed() ? 0 : word);
        int claimed = 0;
        for (int i = 0; i < slab.wordCount(); i++) {
            long claimedWord = slab.claimedWord(i);
            long allocated = slab.isBorrowed() ? 0 : slab.allocatedWord(region, i);
            long unclaimed = allocated & ~claimedWord;
            claimed += Long.bitCount(claimedWord);
            if (unclaimed != 0) {
                int index = i * Long.SIZE + Long.numberOfTrailingZeros(unclaimed);
                report(
                        Severity.ERROR,
                        slab.firstPage(),
                        "allocated blocks to be claimed in memory",
                        "handle=0x" + Long.toHexString(slab.handleOf(index))
                                + " allocated on media and free in memory");
            }
        }
        if (claimed != slab.claimedCount()) {
            String found = "counter=" + slab.claimedCount();
            report(Severity.ERROR, slab.firstPage(), "claimed blocks counted=" + claimed, found);
        }
    }

    private void expectWord(int page, long expected, long alsoExpected) {
        long word = words.at(layout.wordOffset(page));
        if (word != expected && word != alsoExpected) {
            report(
                    Severity.ERROR,
                    page,
                    "table word 0x" + Long.toHexString(alsoExpected),
                    "0x" + Long.toHexString(word));
        }
    }

    private void expectEqual(String what, long counter, long counted) {
        expectEqual(what, counter, counted, findings);
    }

    /** Reports a counter in DRAM that differs from what was counted. */
    static void expectEqual(String what, long counter, long counted, Consumer<Finding> findings) {
        if (counter != counted) {
            findings.accept(new Finding(
                    Severity.ERROR,
                    CODE,
                    "volatile counter of " + what,
                    Finding.NO_OFFSET,
                    "counted=" + counted,
                    "counter=" + counter));
        }
    }

    private void report(Severity severity, int page, String expected, String found) {
        findings.accept(new Finding(severity, CODE, layout.describe(page), layout.wordOffset(page), expected, found));
    }
}
