package pmem.policy.bitmap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import pmem.spi.Region;
import pmem.spi.extent.SlabExtent;

/**
 * A slab whose blocks are claimed without locks, by one compare-and-set of the word that holds a block's claimed bit.
 *
 * <p>An arena that was found on media has no claimed bits of its own: while nobody has asked for a block of it, the claimed
 * blocks are the allocated ones. Whoever wants to change a block asks for its state field first, and that fills the bits in; so
 * media is read only while no block of the arena changes.
 *
 * <p>Closing sets all words, which no claim gets past, and succeeds only if each was empty before.
 *
 * <p>A search starts where the last one ended if the policy rotates, so that all blocks are written equally often, else at the
 * first block that may be free.
 */
final class Arena extends SlabExtent {
    /** What {@link #claim} gives if there is no free block. */
    static final int NO_BLOCK = -1;

    private static final VarHandle BITS;
    private static final int WORD_SHIFT = 6;
    private static final long[] NOT_READ = {};
    private static final long CLOSED = -1L;

    static {
        try {
            BITS = MethodHandles.lookup().findVarHandle(Arena.class, "bits", long[].class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Region region;

    /** One bit a block that is claimed, those after the last block set; or {@link #NOT_READ}. */
    private volatile long[] bits = NOT_READ;

    /** Block where the next search starts; a hint, so races on it do no harm. */
    private int start;

    /** Claims since a thread took the arena as its own; a hint too. */
    private int claimsInTurn;

    /** How many stripes have it as their current arena; changed under the class's lock. */
    private volatile int users;

    /** Whether it is among the empty arenas that were noted; see {@link EmptyArenas}. */
    private volatile boolean noted;

    /** Whether it belongs to a group, which alone claims from it. */
    private volatile boolean grouped;

    Arena(Region region, Place place, int blockBytes, int blockCount, long firstBlockOffset, long firstStateBit) {
        super(place, blockBytes, blockCount, firstBlockOffset, firstStateBit, false, false);
        this.region = region;
    }

    /** Starts a new arena, which has no state bits to read yet. */
    void startEmpty() {
        bits = emptyWords();
    }

    /** Reads the state bits. */
    void read(long[] into) {
        readStates(region, into);
    }

    @Override
    public int claimedCount() {
        int count = 0;
        for (int i = 0; i < wordCount(); i++) {
            count += Long.bitCount(claimedWord(i));
        }
        return count;
    }

    @Override
    protected void rebuilt(int allocatedCount) {
        // Nothing is counted.
    }

    @Override
    protected long claimedWord(int wordIndex) {
        long[] words = bits;
        return words.length == 0
                ? allocatedWord(region, wordIndex)
                : (long) CLAIMED.getAcquire(words, wordIndex) & maskOf(wordIndex);
    }

    @Override
    protected boolean isOpenToAll() {
        return !grouped;
    }

    /** As {@link SlabExtent#stateField}; from now on the claimed bits are told apart from the state bits. */
    @Override
    public long stateField(int index) {
        words();
        return super.stateField(index);
    }

    private long[] words() {
        // pairs with: Arena.fillIn
        long[] words = (long[]) BITS.getAcquire(this);
        return words.length == 0 ? fillIn() : words;
    }

    private long[] fillIn() {
        region.step("bitmap.fill-in");
        long[] words = new long[wordCount()];
        for (int i = 0; i < words.length; i++) {
            words[i] = allocatedWord(region, i) | ~maskOf(i);
        }
        // If another was faster, blocks may have changed since.
        return BITS.compareAndSet(this, NOT_READ, words) ? words : bits;
    }

    boolean hasRoom() {
        for (int i = 0; i < wordCount(); i++) {
            if (claimedWord(i) != maskOf(i)) {
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        for (int i = 0; i < wordCount(); i++) {
            if (claimedWord(i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Claims a free block from where the last search ended on, or {@link #NO_BLOCK} if there is none. */
    int claimNext(boolean rotating) {
        int from = start;
        int index = claim(from);
        if (index >= 0) {
            start = !rotating ? index : index + 1 == blockCount() ? 0 : index + 1;
            claimsInTurn++;
        }
        return index;
    }

    /** Whether so many blocks were claimed since a thread took the arena that it is another one's turn. */
    boolean isTurnOver(int claimsMin) {
        return claimsInTurn >= Math.max(claimsMin, blockCount());
    }

    void endTurn() {
        claimsInTurn = 0;
    }

    /** Claims the first free block from one on, and then from the first block on. */
    int claim(int from) {
        long[] words = words();
        int word = from >>> WORD_SHIFT;
        long skipped = ~(-1L << from);
        for (int i = 0; i <= words.length; i++) {
            long now = (long) CLAIMED.getVolatile(words, word);
            for (long free = ~(now | skipped); free != 0; free = ~(now | skipped)) {
                long bit = Long.lowestOneBit(free);
                region.step("bitmap.claim-bit");
                long witness = (long) CLAIMED.compareAndExchange(words, word, now, now | bit);
                if (witness == now) {
                    return (word << WORD_SHIFT) + Long.numberOfTrailingZeros(bit);
                }
                now = witness;
            }
            word = word + 1 == words.length ? 0 : word + 1;
            skipped = 0;
        }
        return NO_BLOCK;
    }

    /**
     * Gives a block back.
     *
     * @return whether no other block of its word is claimed
     * @throws IllegalStateException if the block is not claimed
     */
    boolean unclaim(int index, boolean rotating) {
        long[] words = words();
        int word = index >>> WORD_SHIFT;
        long bit = 1L << index;
        long before = (long) CLAIMED.getAndBitwiseAnd(words, word, ~bit);
        if ((before & bit) == 0) {
            throw notClaimed(handleOf(index));
        }
        if (!rotating && index < start) {
            start = index;
        }
        return (before & ~bit & maskOf(word)) == 0;
    }

    /** Whether a block is claimed. */
    boolean isClaimed(int index) {
        return (claimedWord(index >>> WORD_SHIFT) >>> index & 1) != 0;
    }

    /** Gives all blocks back but those of some bits. */
    void unclaimAllBut(long[] kept) {
        long[] words = words();
        for (int i = 0; i < words.length; i++) {
            CLAIMED.getAndBitwiseAnd(words, i, kept[i] | ~maskOf(i));
            region.step("bitmap.reset-word");
        }
    }

    /** Closes the arena for ever if it is empty. Under the lock of the class. */
    boolean tryClose() {
        long[] words = words();
        for (int i = 0; i < words.length; i++) {
            region.step("bitmap.close-word");
            if (!CLAIMED.compareAndSet(words, i, ~maskOf(i), CLOSED)) {
                for (int closed = 0; closed < i; closed++) {
                    CLAIMED.setVolatile(words, closed, ~maskOf(closed));
                }
                return false;
            }
        }
        return true;
    }

    int users() {
        return users;
    }

    void addUser() {
        claimsInTurn = 0;
        users = users() + 1;
    }

    void removeUsers(int count) {
        users = users() - count;
    }

    boolean isNoted() {
        return noted;
    }

    void setNoted(boolean isNoted) {
        noted = isNoted;
    }

    boolean isGrouped() {
        return grouped;
    }

    void setGrouped(boolean isGrouped) {
        grouped = isGrouped;
    }
}
