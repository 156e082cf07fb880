package pmem.policy.segregated;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import pmem.spi.extent.SlabList;

/** The slabs of one block size that an owner claims from; guarded as its owner is. Full ones are in no bin. */
@SuppressWarnings("ReferenceEquality") // slabs have no other equality
final class SlabBin {
    /** How many slabs are compared when one is to change hands. */
    private static final int LOOKS_MAX = 16;

    /** A quarter of a slab is little room, unless its blocks are so few that they are used up before it pays to have another. */
    private static final int LITTLE_ROOM_SHIFT = 2;

    private static final int BLOCKS_MIN = 32;

    private final boolean keepsEmpty;

    /** The slabs with room but the current one. */
    private final SlabList<Slab> withRoom = new SlabList<>(false);

    /** Where blocks are claimed; in no list, and maybe full. */
    private Slab current = Slab.NONE;

    private int listed;

    /** How many of those listed are empty. */
    private int empty;

    private boolean asksForFurther;

    /**
     * No slabs.
     *
     * @param keepsEmpty whether any empty slab is kept
     */
    SlabBin(boolean keepsEmpty) {
        this.keepsEmpty = keepsEmpty;
    }

    /** Where blocks are claimed; {@link Slab#NONE} if nowhere. */
    Slab current() {
        return current;
    }

    /** Lets go of the current slab, which is full, and puts the first of those listed in its place; {@link Slab#NONE} if there is none. */
    void replaceCurrent() {
        Slab next = takeListed();
        makeCurrent(next == null ? Slab.NONE : next);
    }

    /** Puts a slab that is in no list in the place of the current one, which is full. */
    void makeCurrent(Slab slab) {
        if (!current.isNone()) {
            current.setFiled(false);
        }
        current = slab;
        if (!slab.isNone()) {
            slab.setFiled(true);
        }
        asksForFurther = false;
        noteEmpty(0);
    }

    /** Notes that a further slab is wanted beside those listed. */
    void askForFurther() {
        asksForFurther = true;
    }

    /** Whether it is, and the current slab is still that which is full. */
    boolean asksForFurther() {
        return asksForFurther && current.isFull();
    }

    /** Whether the slabs listed have few free blocks, all together. */
    boolean hasLittleRoom() {
        int blocks = current.blockCount();
        int enough = blocks < BLOCKS_MIN ? 0 : blocks >> LITTLE_ROOM_SHIFT;
        int room = 0;
        Slab slab = first();
        for (int looks = 0; slab != null && looks < LOOKS_MAX && room < enough; looks++) {
            room += slab.blockCount() - slab.claimedCount();
            slab = following(slab);
        }
        return room < enough;
    }

    // While no other slab is empty, nothing is to be done when the current one becomes so.
    private void noteEmpty(int more) {
        empty += more;
        if (!current.isNone()) {
            current.setFilesWhenEmpty(empty != 0 || !keepsEmpty);
        }
    }

    /** Puts the current slab, which has room, behind those listed, and the first of them in its place; if there is any. */
    void walkAway() {
        Slab next = takeListed();
        if (next != null) {
            list(current);
            current = next;
            noteEmpty(0);
        }
    }

    /** Whether a slab is the current one and no other is empty: then it has nothing to be filed for. */
    boolean isOnlyEmpty(Slab slab) {
        return keepsEmpty && slab == current && empty == 0;
    }

    /** Files a slab of which blocks came back, or which came as it is. */
    void gotRoom(Slab slab) {
        if (!slab.isFiled()) {
            withRoom.addLast(slab);
            listed++;
            slab.setFiled(true);
        }
        if (slab != current && slab.isEmpty()) {
            noteEmpty(1);
        }
    }

    /** Whether more slabs are empty than so many. */
    boolean hasSurplus(int keep) {
        return empty > keptInList(keep) || (keep == 0 && current.isEmpty());
    }

    /** How many of the slabs in the list may stay empty, if so many may in all. */
    private int keptInList(int keep) {
        return current.isEmpty() ? Math.max(0, keep - 1) : keep;
    }

    /** Takes any slab with room out of the list. */
    @Nullable
    Slab takeListed() {
        Slab slab = first();
        if (slab != null) {
            unlist(slab);
        }
        return slab;
    }

    /** Takes a slab with room out of the list; a full one rather than others, so that those may become empty. */
    @Nullable
    Slab takeFullest() {
        Slab best = first();
        Slab slab = best;
        for (int looks = 0; slab != null && best != null && looks < LOOKS_MAX; looks++) {
            best = slab.claimedCount() > best.claimedCount() ? slab : best;
            slab = following(slab);
        }
        if (best != null) {
            unlist(best);
        }
        return best;
    }

    /** Takes the current slab out, or any other with room if more than so many are listed. */
    @Nullable
    Slab takeBeyond(boolean currentToo, int listedKept) {
        if (currentToo && !current.isNone()) {
            Slab slab = current;
            current = Slab.NONE;
            return slab;
        }
        return listed > listedKept ? takeListed() : null;
    }

    /** Takes a slab out, unless it is the current one; says whether it is out. */
    boolean takeOut(Slab slab) {
        if (slab == current) {
            return false;
        }
        if (slab.isFiled()) {
            unlist(slab);
            slab.setFiled(false);
        }
        return true;
    }

    /** Takes empty slabs out, all but so many. Those that became empty first stay: made when there was room, they are not short. */
    void takeEmpty(int keep, Collection<Slab> taken) {
        if (keep == 0 && current.isEmpty()) {
            dispose(current, taken);
            current = Slab.NONE;
        }
        preferLowest();
        int kept = keptInList(keep);
        Slab slab = first();
        for (int seen = 0; slab != null && empty > kept; ) {
            Slab following = following(slab);
            if (slab.isEmpty() && ++seen > kept) {
                unlist(slab);
                dispose(slab, taken);
            }
            slab = following;
        }
    }

    // Which of several empty slabs stays must not depend on which was used last: what was allocated and freed leaves no
    // trace on media.
    private void preferLowest() {
        if (!current.isEmpty()) {
            return;
        }
        Slab lowest = current;
        for (Slab slab = first(); slab != null; slab = following(slab)) {
            lowest = slab.isEmpty() && slab.firstPage() < lowest.firstPage() ? slab : lowest;
        }
        if (lowest != current) {
            unlist(lowest);
            list(current);
            current = lowest;
            noteEmpty(0);
        }
    }

    /** Pages of the slabs that are empty. */
    int emptyPages() {
        int pages = current.isEmpty() ? current.pageCount() : 0;
        int left = empty;
        for (Slab slab = first(); slab != null && left > 0; slab = following(slab)) {
            if (slab.isEmpty()) {
                pages += slab.pageCount();
                left--;
            }
        }
        return pages;
    }

    private static void dispose(Slab slab, Collection<Slab> taken) {
        slab.setFiled(false);
        slab.belongTo(null);
        taken.add(slab);
    }

    private void list(Slab slab) {
        withRoom.addLast(slab);
        listed++;
        slab.setFiled(true);
        empty += slab.isEmpty() ? 1 : 0;
    }

    private void unlist(Slab slab) {
        withRoom.remove(slab);
        listed--;
        noteEmpty(slab.isEmpty() ? -1 : 0);
    }

    private @Nullable Slab first() {
        return withRoom.isEmpty() ? null : withRoom.first();
    }

    private @Nullable Slab following(Slab slab) {
        return withRoom.hasNext(slab) ? withRoom.next(slab) : null;
    }
}
