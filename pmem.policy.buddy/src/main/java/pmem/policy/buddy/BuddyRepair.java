package pmem.policy.buddy;

import java.util.function.Consumer;
import pmem.api.Finding;
import pmem.api.RepairItem;
import pmem.api.RepairItem.Action;
import pmem.spi.Region;

/**
 * Makes a damaged head-tag map one that can be rebuilt. Single-threaded, over words nobody else uses.
 *
 * <p>A tag that breaks a rule by itself is cleared: no block can start there. Of blocks that overlap, the one that overlaps two
 * or more others goes; of two that overlap each other the one that starts first stays. A tag carries no check, so there is nothing
 * to put it right by.
 */
final class BuddyRepair {
    private static final long TAG_MASK = 0xff;

    private final Region region;
    private final HeadTagLayout layout;
    private final HeadRules rules;
    private final long[] ranges;
    private final Consumer<RepairItem> items;

    BuddyRepair(Region region, HeadTagLayout layout, BuddyParameters parameters, Consumer<RepairItem> items) {
        this.region = region;
        this.layout = layout;
        this.items = items;
        rules = new HeadRules(layout, parameters);
        // Nothing is stored outside them.
        ranges = region.usedRanges(layout.mapOffset(), layout.mapEndOffset());
    }

    void run() {
        clearImpossible();
        dropOverlapping();
    }

    private void clearImpossible() {
        HeadCursor head = cursor();
        for (long from = layout.firstUnit(); head.seek(from); from = head.unit() + 1) {
            if (!rules.hold(head, layout.firstUnit())) {
                clear(
                        head.unit(),
                        Action.DROPPED,
                        rules.broken(head, layout.firstUnit()),
                        "no block starts there any more");
            }
        }
    }

    private void dropOverlapping() {
        HeadCursor head = cursor();
        for (long from = layout.firstUnit(); head.seek(from); ) {
            long end = head.unit() + head.lengthUnits();
            from = end;
            int others = countInside(cursor(), head.unit() + 1, end);
            if (others >= 2) {
                from = head.unit() + 1;
                clear(head.unit(), Action.DROPPED, overlap(head, others + " other blocks inside"), lost(head));
            } else if (others == 1) {
                HeadCursor inside = cursor();
                inside.seek(head.unit() + 1);
                String other = "another one at " + rules.place(inside.unit());
                items.accept(new RepairItem(Action.KEPT, overlap(head, other), "the block stays as it is"));
                clear(inside.unit(), Action.DROPPED, rules.broken(inside, end), lost(inside));
            }
        }
    }

    // For each pass a new one, since a cursor only moves on.
    private HeadCursor cursor() {
        return new HeadCursor(region, layout, ranges);
    }

    private static int countInside(HeadCursor inside, long fromUnit, long endUnit) {
        int count = 0;
        for (long from = fromUnit; from < endUnit && inside.seek(from) && inside.unit() < endUnit; ) {
            count++;
            from = inside.unit() + 1;
        }
        return count;
    }

    private Finding overlap(HeadCursor head, String found) {
        return new Finding(
                Finding.Severity.ERROR,
                "buddy.overlap",
                rules.place(head.unit()),
                layout.wordOffset(head.unit()),
                "a block of its own",
                found);
    }

    private String lost(HeadCursor head) {
        return "the block of " + layout.bytes(head.lengthUnits()) + " bytes is given up";
    }

    private void clear(long unit, Action action, Finding finding, String result) {
        long offset = layout.wordOffset(unit);
        long shift = (unit - layout.firstUnitOfWord(unit)) * Byte.SIZE;
        region.storePlain(offset, region.loadPlain(offset) & ~(TAG_MASK << shift));
        items.accept(new RepairItem(action, finding, result));
    }
}
