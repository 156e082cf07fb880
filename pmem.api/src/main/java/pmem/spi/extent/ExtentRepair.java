package pmem.spi.extent;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import pmem.api.Finding;
import pmem.api.RepairItem;
import pmem.api.RepairItem.Action;
import pmem.spi.Region;

/**
 * Makes a damaged extent table one that can be rebuilt. Single-threaded, over words nobody else uses.
 *
 * <p><b>Overlaps.</b> Of extents whose words are right and that overlap, the one that overlaps two or more others goes; of two
 * that overlap each other the one that starts first stays.
 *
 * <p><b>Wrong words.</b> A word inside an extent that stays is cleared. Any other is put right if exactly one change of a single
 * bit makes it the word of an extent that fits in, or a free page's; the check finds all changes of up to three bits, so a word with one
 * changed bit is never taken for another. Otherwise it is given up.
 */
public final class ExtentRepair {
    /** What a policy knows of its slabs beyond their table words. */
    public interface SlabRules {
        /** Number of blocks of a slab, 0 if the policy makes no such slab. */
        int blockCount(int classIndex, int pages);

        /** Whether the state bits, too, are those of such a slab; asked before a slab is found again. */
        boolean fits(SlabExtent.Place place);

        /** How the policy has medium blocks, if it has. */
        default Optional<MediumPlan> medium() {
            return Optional.empty();
        }
    }

    private static final String WORD = "extent.word";
    private static final String OVERLAP = "extent.overlap";

    private final Region region;
    private final ExtentTableLayout layout;
    private final SlabRules rules;
    private final Consumer<RepairItem> items;

    /**
     * A repair.
     *
     * @param rules which slabs there can be
     * @param items takes what is done
     */
    public ExtentRepair(Region region, ExtentTableLayout layout, SlabRules rules, Consumer<RepairItem> items) {
        this.region = region;
        this.layout = layout;
        this.rules = rules;
        this.items = items;
    }

    /**
     * Repairs the table.
     *
     * @return the slabs there are afterwards
     */
    public List<SlabExtent.Place> run() {
        dropOverlapping();
        mendWords();
        rules.medium().ifPresent(plan -> mendSegments(plan.layout(layout)));
        return slabs();
    }

    private void dropOverlapping() {
        for (int page = 0; page < layout.pageCount(); ) {
            long word = word(page);
            page += isExtent(word, page) ? decideOverlap(page, ExtentWord.pages(word)) : 1;
        }
    }

    /** Returns how many pages are decided. */
    private int decideOverlap(int page, int pages) {
        int inside = 0;
        int lastInside = -1;
        for (int inner = page + 1; inner < page + pages; inner++) {
            if (isExtent(word(inner), inner)) {
                inside++;
                lastInside = inner;
            }
        }
        if (inside >= 2) {
            drop(page, OVERLAP, "an extent of its own", inside + " other extents inside");
            return 1;
        }
        if (inside == 1) {
            String place = layout.describe(page);
            item(
                    Action.KEPT,
                    page,
                    OVERLAP,
                    "an extent of its own",
                    "another one at " + layout.describe(lastInside),
                    "the extent stays as it is");
            drop(lastInside, OVERLAP, "a page outside the extent at " + place, describe(word(lastInside)));
        }
        return pages;
    }

    private void mendWords() {
        int coveredUntil = 0;
        for (int page = 0; page < layout.pageCount(); page++) {
            if (isExtent(word(page), page)) {
                coveredUntil = page + ExtentWord.pages(word(page));
            } else if (word(page) != 0 && page < coveredUntil) {
                String found = describe(word(page));
                store(page, 0);
                item(Action.CLEARED, page, WORD, "0 inside an extent", found, "the extent stays as it is");
            } else if (word(page) != 0) {
                coveredUntil = Math.max(coveredUntil, mend(page));
            }
        }
    }

    /** Returns the first page after what is there now. */
    private int mend(int page) {
        long damaged = word(page);
        List<Long> candidates = new ArrayList<>();
        for (int bit = 0; bit < Long.SIZE; bit++) {
            long candidate = damaged ^ (1L << bit);
            if (candidate == 0 || (isExtent(candidate, page) && fitsIn(candidate, page))) {
                candidates.add(candidate);
            }
        }
        String expected = "a table word with a right check";
        if (candidates.size() != 1) {
            drop(page, WORD, expected, describe(damaged));
            return page + 1;
        }
        long mended = candidates.getFirst();
        store(page, mended);
        if (mended == 0) {
            item(Action.REWRITTEN, page, WORD, expected, describe(damaged), "free, as before one bit was changed");
            return page + 1;
        }
        item(
                Action.REATTACHED,
                page,
                WORD,
                expected,
                describe(damaged),
                "one changed bit put right: " + describe(mended));
        return page + ExtentWord.pages(mended);
    }

    private boolean fitsIn(long candidate, int page) {
        int pages = ExtentWord.pages(candidate);
        for (int inner = page + 1; inner < page + pages; inner++) {
            if (isExtent(word(inner), inner)) {
                return false;
            }
        }
        return !ExtentWord.isSlab(candidate)
                || rules.fits(new SlabExtent.Place(page, pages, ExtentWord.classIndex(candidate)));
    }

    private boolean isExtent(long word, int page) {
        return word != 0
                && ExtentWord.isValid(word, page)
                && ExtentWord.pages(word) <= layout.pageCount() - page
                && (ExtentWord.isLarge(word) || canBeCut(word));
    }

    private boolean canBeCut(long word) {
        int pages = ExtentWord.pages(word);
        return ExtentWord.isMedium(word)
                ? rules.medium()
                        .filter(plan -> plan.layout(layout).isPossible(pages, plan))
                        .isPresent()
                : rules.blockCount(ExtentWord.classIndex(word), pages) > 0;
    }

    private void mendSegments(MediumLayout medium) {
        for (int page = 0; page < layout.pageCount(); ) {
            long word = word(page);
            int pages = word == 0 ? 1 : ExtentWord.pages(word);
            if (word != 0 && ExtentWord.isMedium(word)) {
                new MediumRepair(region, medium, page, pages, items).run();
            }
            page += pages;
        }
    }

    private List<SlabExtent.Place> slabs() {
        List<SlabExtent.Place> slabs = new ArrayList<>();
        for (int page = 0; page < layout.pageCount(); ) {
            long word = word(page);
            int pages = word == 0 ? 1 : ExtentWord.pages(word);
            if (word != 0 && ExtentWord.isSlab(word)) {
                slabs.add(new SlabExtent.Place(page, pages, ExtentWord.classIndex(word)));
            }
            page += pages;
        }
        return slabs;
    }

    private void drop(int page, String code, String expected, String found) {
        long word = word(page);
        String lost = isExtent(word, page) ? describe(word) + " is given up" : "what it described is given up";
        store(page, 0);
        item(Action.DROPPED, page, code, expected, found, lost + "; its pages are free");
    }

    private void item(Action action, int page, String code, String expected, String found, String result) {
        items.accept(new RepairItem(
                action,
                new Finding(
                        Finding.Severity.ERROR, code, layout.describe(page), layout.wordOffset(page), expected, found),
                result));
    }

    private String describe(long word) {
        String text = "word=0x" + Long.toHexString(word);
        int kind = (int) word & 3;
        if (kind == 0) {
            return text;
        }
        String what = ExtentWord.isSlab(word)
                ? "slab of class " + ExtentWord.classIndex(word)
                : ExtentWord.isLarge(word) ? "large block" : "segment of medium blocks";
        return what + " " + text + " pages=" + ExtentWord.pages(word);
    }

    private long word(int page) {
        return region.loadPlain(layout.wordOffset(page));
    }

    private void store(int page, long word) {
        region.storePlain(layout.wordOffset(page), word);
    }
}
