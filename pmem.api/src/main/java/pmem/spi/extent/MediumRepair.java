package pmem.spi.extent;

import java.util.function.Consumer;
import pmem.api.Finding;
import pmem.api.RepairItem;
import pmem.api.RepairItem.Action;
import pmem.spi.Region;
import pmem.spi.TagFloat;

/**
 * Makes the damaged tags of a segment ones that can be rebuilt. Single-threaded, over words nobody else uses.
 *
 * <p>A tag that breaks a rule by itself is cleared: no block can start there. Of blocks that overlap, the one that overlaps two
 * or more others goes; of two that overlap each other the one that starts first stays.
 */
final class MediumRepair {
    private final Region region;
    private final MediumLayout layout;
    private final MediumTags tags;
    private final long[] words;
    private final Consumer<RepairItem> items;

    MediumRepair(Region region, MediumLayout layout, int firstPage, int pages, Consumer<RepairItem> items) {
        this.region = region;
        this.layout = layout;
        this.items = items;
        tags = new MediumTags(layout, firstPage, pages);
        words = new long[tags.count() / Long.BYTES];
        region.loadOnce(tags.tagsOffset(), words);
    }

    void run() {
        for (int unit = tags.nextTag(words, 0); unit < tags.count(); unit = tags.nextTag(words, unit + 1)) {
            int tag = MediumLayout.tagAt(words, unit);
            if (!tags.isPossible(unit, tag)) {
                clear(unit, tags.broken(unit, tag, 0), "no block starts there any more");
            }
        }
        for (int unit = tags.nextTag(words, 0); unit < tags.count(); ) {
            unit = tags.nextTag(words, decideOverlap(unit));
        }
    }

    /** Returns the unit up to which all is decided. */
    private int decideOverlap(int unit) {
        int end = unit + (int) TagFloat.lengthUnits(MediumLayout.tagAt(words, unit));
        int inside = tags.nextTag(words, unit + 1);
        int others = 0;
        for (int at = inside; at < end; at = tags.nextTag(words, at + 1)) {
            others++;
        }
        if (others >= 2) {
            clear(unit, overlap(unit, others + " other blocks inside"), lost(unit));
            return unit + 1;
        }
        if (others == 1) {
            String other = "another one at " + tags.place(inside);
            items.accept(new RepairItem(Action.KEPT, overlap(unit, other), "the block stays as it is"));
            clear(inside, tags.broken(inside, MediumLayout.tagAt(words, inside), end), lost(inside));
        }
        return end;
    }

    private Finding overlap(int unit, String found) {
        return tags.finding(unit, "a block of its own", found);
    }

    private String lost(int unit) {
        long bytes = layout.bytesOf(MediumLayout.tagAt(words, unit));
        return "the block of " + bytes + " bytes is given up";
    }

    private void clear(int unit, Finding finding, String result) {
        long mask = (long) TagFloat.TAG_MAX << (unit % Long.BYTES * Byte.SIZE);
        words[unit / Long.BYTES] &= ~mask;
        region.storePlain(tags.wordOffset(unit), words[unit / Long.BYTES]);
        items.accept(new RepairItem(Action.DROPPED, finding, result));
    }
}
