package pmem.policy.segregated;

import pmem.spi.Region;
import pmem.spi.extent.SlabExtent;

/** A slab that belongs to one arena, whose lock guards the claimed bits and the count. */
final class Slab extends SlabExtent {
    private static final int WORD_SHIFT = 6;

    private final long headerOffset;

    /** The arena whose list the slab is in when it has room; set once, before a block of the slab is handed out. */
    private volatile int arenaIndex;

    /** Written under the arena's lock, read by anybody. */
    private volatile int count;

    /** Word where the next search starts; all words before it are full. */
    private int startWord;

    Slab(Place place, int blockBytes, int blockCount, long firstBlockOffset, long headerOffset) {
        super(place, blockBytes, blockCount, firstBlockOffset, headerOffset * Byte.SIZE);
        this.headerOffset = headerOffset;
    }

    @Override
    public int claimedCount() {
        return count;
    }

    @Override
    protected void rebuilt(int allocatedCount) {
        count = allocatedCount;
    }

    int arenaIndex() {
        return arenaIndex;
    }

    void belongTo(int index) {
        arenaIndex = index;
    }

    long headerOffset() {
        return headerOffset;
    }

    boolean isFull() {
        return count == blockCount();
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Claims the first free block; there is one. Under the arena's lock. */
    int claim(Region region) {
        int word = startWord;
        while (claimed[word] == -1L) {
            word++;
        }
        startWord = word;
        long bit = Long.lowestOneBit(~claimed[word]);
        // pairs with: SlabExtent.claimedWord
        CLAIMED.setRelease(claimed, word, claimed[word] | bit);
        region.step("segregated.bit-claimed");
        int now = count;
        count = now + 1;
        return (word << WORD_SHIFT) + Long.numberOfTrailingZeros(bit);
    }

    /**
     * Gives a claimed block back. Under the arena's lock.
     *
     * @throws IllegalStateException if the block is not claimed
     */
    void unclaim(Region region, int index) {
        int word = index >>> WORD_SHIFT;
        long bit = 1L << index;
        if ((claimed[word] & bit) == 0) {
            throw notClaimed(handleOf(index));
        }
        CLAIMED.setRelease(claimed, word, claimed[word] & ~bit);
        region.step("segregated.bit-given-back");
        startWord = Math.min(startWord, word);
        int now = count;
        count = now - 1;
    }

    /** Fills the claimed bits from the words of the header; before the slab is shared. */
    void load(long[] headerWords) {
        rebuild(headerWords);
    }

    /** Takes a word of the header and the bits of it that belong to no block. */
    interface StrayVisitor {
        void visit(long wordOffset, long stray);
    }

    /** Visits the words of the header in which a bit that belongs to no block is not 0. */
    void forEachStrayWord(long[] headerWords, StrayVisitor visitor) {
        for (int word = 0; word < headerWords.length; word++) {
            int blocks = blockCount() - (word << WORD_SHIFT);
            long unused = blocks >= Long.SIZE ? 0 : blocks <= 0 ? -1L : -1L << blocks;
            long stray = headerWords[word] & unused;
            if (stray != 0) {
                visitor.visit(headerOffset + (long) word * Long.BYTES, stray);
            }
        }
    }
}
