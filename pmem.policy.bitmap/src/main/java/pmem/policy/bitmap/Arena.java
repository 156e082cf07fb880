package pmem.policy.bitmap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import pmem.api.Handles;
import pmem.api.PoolCorruptedException;
import pmem.spi.Region;
import pmem.spi.StateField;
import pmem.spi.extent.SlabExtent;

/**
 * A slab whose blocks are claimed without locks, by one compare-and-set of the word that holds a block's claimed bit.
 *
 * <p>An arena that was found on media has no claimed bits of its own: while nobody has asked for a block of it, the claimed
 * blocks are the allocated ones. Whoever wants to change a block asks for its state field first, and that fills the bits in; so
 * media is read only while no block of the arena changes.
 *
 * <p>An arena of more than a line of words also has a summary of them: one bit a word that may have room. It is a hint, since a
 * word may change before its bit does, and lets a search find the one free block of thousands with a few reads; who must not
 * miss a block looks at each word ({@link #claimAnywhere}).
 *
 * <p>Closing sets all words, which no claim gets past, and succeeds only if each was empty before.
 */
final class Arena extends SlabExtent {
    /** What {@link #claim} gives if there is no free block. */
    static final int NO_BLOCK = -1;

    private static final VarHandle BITS;
    private static final int WORD_SHIFT = 6;
    private static final long[] NOT_READ = {};
    private static final long CLOSED = -1L;
    private static final long FULL = -1L;
    private static final long STATES_OF_SPREAD_WORD = (1L << ArenaLayout.SPREAD_STATES) - 1;
    /** Words at both ends that nobody uses, a line long, since the collector may put arrays side by side. */
    private static final int EDGE = 8;
    /** Up to so many words, a line, a summary would be no faster. */
    private static final int WORDS_WITHOUT_SUMMARY = 8;

    static {
        try {
            BITS = MethodHandles.lookup().findVarHandle(Arena.class, "bits", long[].class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Region region;
    /** First and last line of its states, counted from the start of the region. */
    private final long firstLine;

    private final long lastLine;
    /** Whether a word has eight states; see {@link ArenaLayout}. */
    private final boolean spread;

    /**
     * Or {@link #NOT_READ}. After the edge one bit a block that is claimed, those after the last block set; then, if there is a
     * summary, one bit for each of these words that may have room, and the edge.
     */
    private volatile long[] bits = NOT_READ;

    /** How many stripes have it as their current arena; changed under the class's lock. */
    private volatile int users;

    /** Whether it is among the empty arenas that were noted; see {@link EmptyArenas}. */
    private volatile boolean noted;

    /** Whether it belongs to a group, which alone claims from it. */
    private volatile boolean grouped;

    private volatile boolean closed;

    Arena(Region region, Place place, ArenaLayout layout, int blockBytes, int blockCount) {
        super(
                place,
                blockBytes,
                blockCount,
                layout.firstBlock(place, blockBytes),
                layout.firstStateBit(place, blockBytes),
                false,
                false);
        this.region = region;
        spread = layout.spread();
        firstLine = firstStateBit() / LinesInUse.BITS_PER_LINE;
        lastLine = StateField.wordOffset(fieldOf(blockCount - 1)) / Region.LINE_BYTES;
    }

    /** Starts a new arena, which has no state bits to read yet. */
    void startEmpty() {
        long[] words = new long[bitsLength()];
        for (int i = 0; i < wordCount(); i++) {
            words[EDGE + i] = ~maskOf(i);
        }
        fillSummary(words);
        bits = words;
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
                : (long) CLAIMED.getAcquire(words, EDGE + wordIndex) & maskOf(wordIndex);
    }

    @Override
    protected boolean isOpenToAll() {
        return !grouped;
    }

    /** As {@link SlabExtent#stateField}; from now on the claimed bits are told apart from the state bits. */
    @Override
    public long stateField(int index) {
        words();
        return fieldOf(index);
    }

    private long fieldOf(int index) {
        int shift = index & (ArenaLayout.SPREAD_STATES - 1);
        return spread ? StateField.of(spreadWordOffset(index - shift), shift, 1) : super.stateField(index);
    }

    /** Marks a claimed block as allocated where nothing is made durable. */
    void setState(int index) {
        long field = stateField(index);
        long mask = StateField.mask(field);
        if ((region.getAndBitwiseOr(StateField.wordOffset(field), mask) & mask) != 0) {
            throw new PoolCorruptedException("a reserved block is allocated: handle="
                    + Handles.format(handleOf(index)) + ", expected state 0, found=1 pool=" + region.name()
                    + "; metadata was changed from outside the pool");
        }
    }

    /** Marks a block as free where nothing is made durable; returns whether it was allocated. */
    boolean clearState(int index) {
        long field = stateField(index);
        long mask = StateField.mask(field);
        return (region.getAndBitwiseAnd(StateField.wordOffset(field), ~mask) & mask) != 0;
    }

    /** Offset of the word that has the states of eight blocks, the first of which is given. */
    private long spreadWordOffset(int firstIndex) {
        return firstStateBit() / Byte.SIZE + (long) firstIndex * (Long.BYTES / ArenaLayout.SPREAD_STATES);
    }

    @Override
    protected long allocatedWord(Region from, int wordIndex) {
        if (!spread) {
            return super.allocatedWord(from, wordIndex);
        }
        long states = 0;
        int first = wordIndex << WORD_SHIFT;
        for (int i = 0; i < Long.SIZE && first + i < blockCount(); i += ArenaLayout.SPREAD_STATES) {
            states |= (from.loadAcquire(spreadWordOffset(first + i)) & STATES_OF_SPREAD_WORD) << i;
        }
        return states & maskOf(wordIndex);
    }

    private long[] words() {
        // pairs with: Arena.fillIn
        long[] words = (long[]) BITS.getAcquire(this);
        return words.length == 0 ? fillIn() : words;
    }

    private long[] fillIn() {
        region.step("bitmap.fill-in");
        long[] words = new long[bitsLength()];
        for (int i = 0; i < wordCount(); i++) {
            words[EDGE + i] = allocatedWord(region, i) | ~maskOf(i);
        }
        fillSummary(words);
        // If another was faster, blocks may have changed since.
        return BITS.compareAndSet(this, NOT_READ, words) ? words : bits;
    }

    private int bitsLength() {
        return EDGE + wordCount() + summaryWords() + EDGE;
    }

    private boolean hasSummary() {
        return wordCount() > WORDS_WITHOUT_SUMMARY;
    }

    private int summaryWords() {
        return hasSummary() ? (wordCount() + Long.SIZE - 1) >>> WORD_SHIFT : 0;
    }

    private int summaryAt(int word) {
        return EDGE + wordCount() + (word >>> WORD_SHIFT);
    }

    private void fillSummary(long[] words) {
        for (int i = 0; hasSummary() && i < wordCount(); i++) {
            if (words[EDGE + i] != FULL) {
                words[summaryAt(i)] |= 1L << i;
            }
        }
    }

    boolean hasRoom() {
        for (int i = 0; i < wordCount(); i++) {
            region.step("bitmap.look-at-word");
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

    /** Claims the first free block found from one on, and then from the first block on; {@link #NO_BLOCK} if none is found. */
    int claim(int from) {
        long[] words = words();
        int index = claimIn(words, from >>> WORD_SHIFT, -1L << from);
        return index >= 0 ? index : claimBeyond(words, from >>> WORD_SHIFT);
    }

    private int claimBeyond(long[] words, int home) {
        int index = claimFrom(words, home + 1);
        return index >= 0 ? index : claimFrom(words, 0);
    }

    private int claimFrom(long[] words, int from) {
        int index = NO_BLOCK;
        for (int word = nextWithRoom(words, from);
                word < wordCount() && index < 0;
                word = nextWithRoom(words, word + 1)) {
            index = claimIn(words, word, -1L);
        }
        return index;
    }

    /** Claims any free block: at each moment of the call there was none if it gives {@link #NO_BLOCK}. */
    int claimAnywhere() {
        long[] words = words();
        int index = NO_BLOCK;
        for (int word = 0; word < wordCount() && index < 0; word++) {
            region.step("bitmap.look-at-word");
            index = claimIn(words, word, -1L);
        }
        return index;
    }

    /** Claims the first free block of a word, of those that are wanted. */
    private int claimIn(long[] words, int word, long wanted) {
        long now = (long) CLAIMED.getVolatile(words, EDGE + word);
        for (long free = ~now & wanted; free != 0; free = ~now & wanted) {
            long bit = Long.lowestOneBit(free);
            region.step("bitmap.claim-bit");
            long witness = (long) CLAIMED.compareAndExchange(words, EDGE + word, now, now | bit);
            if (witness == now) {
                if ((now | bit) == FULL && hasSummary()) {
                    noteFull(words, word);
                }
                return (word << WORD_SHIFT) + Long.numberOfTrailingZeros(bit);
            }
            now = witness;
        }
        return NO_BLOCK;
    }

    /** The first word from one on that may have room, or the number of words. */
    private int nextWithRoom(long[] words, int from) {
        int word = from;
        if (!hasSummary()) {
            while (word < wordCount() && lookAt(words, EDGE + word) == FULL) {
                word++;
            }
            return word;
        }
        while (word < wordCount()) {
            long candidates = lookAt(words, summaryAt(word)) & -1L << word;
            if (candidates != 0) {
                return (word & -Long.SIZE) + Long.numberOfTrailingZeros(candidates);
            }
            word = (word & -Long.SIZE) + Long.SIZE;
        }
        return wordCount();
    }

    private long lookAt(long[] words, int at) {
        region.step("bitmap.look-at-word");
        return (long) CLAIMED.getAcquire(words, at);
    }

    // Clears first and reads the word second; who gives a block of a full word back clears that and sets the bit
    // second. So
    // the bit is set in the end if the word has room.
    private void noteFull(long[] words, int word) {
        CLAIMED.getAndBitwiseAnd(words, summaryAt(word), ~(1L << word));
        region.step("bitmap.word-full");
        if ((long) CLAIMED.getVolatile(words, EDGE + word) != FULL) {
            noteRoom(words, word);
        }
    }

    private void noteRoom(long[] words, int word) {
        CLAIMED.getAndBitwiseOr(words, summaryAt(word), 1L << word);
    }

    /**
     * Gives a block back.
     *
     * @return whether no other block of its word is claimed
     * @throws IllegalStateException if the block is not claimed
     */
    boolean unclaim(int index) {
        long[] words = words();
        int word = index >>> WORD_SHIFT;
        long bit = 1L << index;
        long before = (long) CLAIMED.getAndBitwiseAnd(words, EDGE + word, ~bit);
        if ((before & bit) == 0) {
            throw notClaimed(handleOf(index));
        }
        if (before == FULL && hasSummary()) {
            noteRoom(words, word);
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
        for (int i = 0; i < wordCount(); i++) {
            CLAIMED.getAndBitwiseAnd(words, EDGE + i, kept[i] | ~maskOf(i));
            if (hasSummary()) {
                noteRoom(words, i);
            }
            region.step("bitmap.reset-word");
        }
    }

    /** Closes the arena for ever if it is empty. Under the lock of the class. */
    boolean tryClose() {
        long[] words = words();
        for (int i = 0; i < wordCount(); i++) {
            region.step("bitmap.close-word");
            if (!CLAIMED.compareAndSet(words, EDGE + i, ~maskOf(i), CLOSED)) {
                for (int before = 0; before < i; before++) {
                    CLAIMED.setVolatile(words, EDGE + before, ~maskOf(before));
                }
                return false;
            }
        }
        closed = true;
        return true;
    }

    /** Whether it was closed, so that none of its blocks is live. */
    boolean isClosed() {
        return closed;
    }

    long firstLine() {
        return firstLine;
    }

    long lastLine() {
        return lastLine;
    }

    int users() {
        return users;
    }

    void addUser() {
        users = users() + 1;
    }

    void removeUser() {
        users = users() - 1;
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
