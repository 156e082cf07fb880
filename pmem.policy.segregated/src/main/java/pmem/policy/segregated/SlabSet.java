package pmem.policy.segregated;

import java.util.Collection;
import java.util.function.Consumer;

/** The slabs of an owner, by class; guarded as the owner is. */
final class SlabSet {
    private final SlabBin[] bins;
    private final int emptyKept;

    /** Whether more slabs of a class are empty than are kept; read without the lock as a hint. */
    private boolean surplus;

    /**
     * No slabs.
     *
     * @param emptyKept how many empty slabs of a class are kept
     */
    SlabSet(int classCount, int emptyKept) {
        this.emptyKept = emptyKept;
        bins = new SlabBin[classCount];
        for (int i = 0; i < classCount; i++) {
            bins[i] = new SlabBin(emptyKept != 0);
        }
    }

    SlabBin bin(int classIndex) {
        return bins[classIndex];
    }

    /** Files a slab of which blocks came back, and looks whether too many are empty now. */
    void gotRoom(Slab slab) {
        SlabBin bin = bins[slab.classIndex()];
        if (!bin.isOnlyEmpty(slab)) {
            bin.gotRoom(slab);
            surplus |= slab.isEmpty() && bin.hasSurplus(emptyKept);
        }
    }

    /** Files a slab that was in no list, if it has room. */
    void fileIfRoom(Slab slab) {
        if (!slab.isFull()) {
            gotRoom(slab);
        }
    }

    /** Takes a slab out, unless blocks are claimed from it now; says whether it is out. */
    boolean takeOut(Slab slab) {
        return bins[slab.classIndex()].takeOut(slab);
    }

    /** Whether so many slabs are empty that some should be {@linkplain #takeSurplus taken} and dropped. */
    boolean hasSurplus() {
        return surplus;
    }

    /** Takes empty slabs out, all but those that are kept. */
    void takeSurplus(Collection<Slab> taken) {
        surplus = false;
        takeEmpty(emptyKept, taken);
    }

    /** Takes empty slabs out, all but so many of each class. */
    void takeEmpty(int keep, Collection<Slab> taken) {
        for (SlabBin bin : bins) {
            bin.takeEmpty(keep, taken);
        }
    }

    /** Pages of the slabs that are empty. */
    int emptyPages() {
        int pages = 0;
        for (SlabBin bin : bins) {
            pages += bin.emptyPages();
        }
        return pages;
    }

    /**
     * Gives slabs with room away.
     *
     * @param most how many at most
     * @param currentToo whether those that blocks are claimed from go too, full ones among them
     * @param listedKept how many others of each class stay
     */
    void give(int most, boolean currentToo, int listedKept, Consumer<Slab> receiver) {
        int left = most;
        for (SlabBin bin : bins) {
            Slab slab = left > 0 ? bin.takeBeyond(currentToo, listedKept) : null;
            while (slab != null) {
                receiver.accept(slab);
                left--;
                slab = left > 0 ? bin.takeBeyond(currentToo, listedKept) : null;
            }
        }
    }
}
