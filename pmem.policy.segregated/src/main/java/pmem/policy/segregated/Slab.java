package pmem.policy.segregated;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.StateField;
import pmem.spi.extent.SlabExtent;

/**
 * A slab that belongs to one {@link SlabOwner}. Only the owner changes the claimed bits and the count; a thread that releases a
 * block of another owner's slab puts the block among those {@linkplain #giveBack given back}, and the owner collects
 * them. So the hand-over needs no memory in the block, and one that was handed over already is refused.
 */
@SuppressWarnings("ReferenceEquality") // slabs and owners have no other equality
class Slab extends SlabExtent {
    /** Says that a handle is not that of an allocated block. */
    static final int NOT_LIVE = -1;

    private static final int ALLOCATED = 1;

    /** Claimed blocks at or below which a block that came back is {@linkplain #needsFiling filed}. */
    private static final int ALWAYS = Integer.MAX_VALUE;

    private static final int WHEN_EMPTY = 0;
    private static final int NEVER = -1;

    private static final int WORD_SHIFT = 6;
    private static final VarHandle COUNT;
    private static final VarHandle QUEUED;
    private static final VarHandle GIVEN_BACK;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            COUNT = lookup.findVarHandle(Slab.class, "count", int.class);
            QUEUED = lookup.findVarHandle(Slab.class, "queued", boolean.class);
            GIVEN_BACK = lookup.findVarHandle(Slab.class, "givenBack", GivenBackBlocks.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Stands where there is no slab: it is full and not empty, no handle lies in it, and nobody owns it. */
    static final Slab NONE = none();

    private final long headerOffset;

    /** Who claims from the slab; nobody once it is dropped. Changed by the owner only, under its lock. */
    private volatile @Nullable SlabOwner owner;

    /** Claimed blocks, those given back and not yet collected among them. */
    private int count;

    private int filesAt = ALWAYS;

    /** Word where the next search starts; all words before it are full. */
    private int startWord;

    /** Blocks that were released by threads which do not own the slab; made by the first of them. */
    private volatile GivenBackBlocks givenBack = GivenBackBlocks.NONE;

    /** Whether somebody has put the slab into a stack of {@link GivenBackSlabs}, or is about to. */
    private volatile boolean queued;

    /** Who wants the slab from an owner that alone can let go of it. */
    private volatile @Nullable SlabOwner heir;

    /** Who gave blocks back last, and how many in a row; hints, changed without a lock. */
    private @Nullable SlabOwner lastGiver;

    private int givenInARow;

    /** The slab below this one in that stack. */
    @Nullable
    Slab nextGivenBack;

    private Slab(
            Place place,
            int blockBytes,
            int blockCount,
            long firstBlockOffset,
            long headerOffset,
            boolean statesAreBytes) {
        super(place, blockBytes, blockCount, firstBlockOffset, headerOffset * Byte.SIZE, statesAreBytes);
        this.headerOffset = headerOffset;
    }

    /**
     * A slab none of whose blocks is claimed; alone in its last line, wherever a collector puts it.
     *
     * @param headerOffset where its states begin
     */
    static Slab of(
            Place place,
            int blockBytes,
            int blockCount,
            long firstBlockOffset,
            long headerOffset,
            boolean statesAreBytes) {
        return new Apart(place, blockBytes, blockCount, firstBlockOffset, headerOffset, statesAreBytes);
    }

    /** Fields of a subclass stand behind those of its superclass. */
    @SuppressWarnings({"unused", "UnusedVariable"}) // room
    private static final class Apart extends Slab {
        private long room1;
        private long room2;
        private long room3;
        private long room4;
        private long room5;
        private long room6;
        private long room7;
        private long room8;

        Apart(
                Place place,
                int blockBytes,
                int blockCount,
                long firstBlockOffset,
                long headerOffset,
                boolean statesAreBytes) {
            super(place, blockBytes, blockCount, firstBlockOffset, headerOffset, statesAreBytes);
        }
    }

    private static Slab none() {
        Slab slab = of(new Place(0, 1, 0), Long.BYTES, 0, 0, 0, false);
        // One more than its blocks.
        slab.count = 1;
        return slab;
    }

    /** Whether it stands for no slab. */
    boolean isNone() {
        return this == NONE;
    }

    @Override
    public int claimedCount() {
        int claimedOrGivenBack = (int) COUNT.getAcquire(this);
        return claimedOrGivenBack - givenBack.count();
    }

    @Override
    protected long givenBackWord(int wordIndex) {
        return givenBack.word(wordIndex);
    }

    @Override
    protected void rebuilt(int allocatedCount) {
        count = allocatedCount;
    }

    @Nullable
    SlabOwner owner() {
        return owner;
    }

    boolean isOwnedBy(SlabOwner other) {
        return owner == other;
    }

    void belongTo(@Nullable SlabOwner newOwner) {
        owner = newOwner;
    }

    @Nullable
    SlabOwner heir() {
        return heir;
    }

    void setHeir(@Nullable SlabOwner newHeir) {
        heir = newHeir;
    }

    /** Notes that a block was given back on behalf of somebody; says how many in a row were, more or less. */
    int givenInARow(SlabOwner giver) {
        boolean same = lastGiver == giver;
        lastGiver = giver;
        givenInARow = same ? givenInARow + 1 : 1;
        return givenInARow;
    }

    @Override
    protected boolean isOpenToAll() {
        SlabOwner now = owner;
        return now == null || now.isShared();
    }

    long headerOffset() {
        return headerOffset;
    }

    boolean isFull() {
        return count >= blockCount();
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Whether the owner claims from the slab or has it in a list of slabs with room. */
    boolean isFiled() {
        return filesAt != ALWAYS;
    }

    /** Says whether it is; if so the owner wants to know when it becomes empty. */
    void setFiled(boolean isFiled) {
        filesAt = isFiled ? WHEN_EMPTY : ALWAYS;
    }

    /** Says of a slab that is filed whether the owner wants to know when it becomes empty. */
    void setFilesWhenEmpty(boolean whenEmpty) {
        filesAt = whenEmpty ? WHEN_EMPTY : NEVER;
    }

    /** Whether the owner has something to do after a block came back and left so many claimed. */
    boolean needsFiling(int claimedBlocks) {
        return claimedBlocks <= filesAt;
    }

    /** Claims the first free block and returns its index, or -1 if there is none. By the owner. */
    int claim(Region region) {
        int word = wordWithRoom();
        return word < 0 ? -1 : claimIn(region, word);
    }

    /**
     * Claims the first free block and sets its state, which is a byte, by a plain store. By the owner.
     *
     * @return its handle, or {@link Handles#NONE} if there is none
     */
    long allocate(Region region) {
        int word = wordWithRoom();
        if (word < 0) {
            return Handles.NONE;
        }
        int index = claimIn(region, word);
        setState(region, index);
        return handleOf(index);
    }

    private int wordWithRoom() {
        int word = startWord;
        return claimed[word] != -1L ? word : nextWordWithRoom(word);
    }

    private int nextWordWithRoom(int from) {
        for (int word = from; word < wordCount(); word++) {
            if (claimed[word] != -1L) {
                startWord = word;
                return word;
            }
        }
        return -1;
    }

    private int claimIn(Region region, int word) {
        long[] words = claimed;
        long bits = words[word];
        int more = count + 1;
        // Sets the lowest bit that is 0. pairs with: SlabExtent.claimedWord
        CLAIMED.setRelease(words, word, bits | (bits + 1));
        region.step("segregated.bit-claimed");
        COUNT.setRelease(this, more);
        return (word << WORD_SHIFT) + Long.numberOfTrailingZeros(~bits);
    }

    /**
     * Frees a block by a plain store to its state, which is a byte, and gives it back. By the one thread of the owner.
     *
     * @param handle any value at all
     * @return how many blocks are claimed now, {@link #NOT_LIVE} if the handle is not that of an allocated block
     */
    int free(Region region, long handle) {
        int index = indexOf(handle);
        return index < 0 || !region.clearByte(stateByte(index)) ? NOT_LIVE : unclaim(region, index);
    }

    /** Makes an allocated block free and says whether it was: of several threads that do so at once one hears that. */
    boolean clearState(Region region, int index) {
        return StateField.clear(region, stateField(index)) != 0;
    }

    /** Makes a block allocated that is claimed and free, whose state is a byte. */
    void setState(Region region, int index) {
        region.storeByteRelease(stateByte(index), ALLOCATED);
    }

    /**
     * Gives a claimed block back. By the owner.
     *
     * @return how many are claimed now
     * @throws IllegalStateException if the block is not claimed
     */
    int unclaim(Region region, int index) {
        int word = index >>> WORD_SHIFT;
        long bit = 1L << index;
        long[] words = claimed;
        long bits = words[word];
        if ((bits & bit) == 0) {
            throw notClaimed(handleOf(index));
        }
        int fewer = count - 1;
        // Mostly the search is there already: then the next one does not wait for a store.
        if (word < startWord) {
            startWord = word;
        }
        CLAIMED.setRelease(words, word, bits & ~bit);
        region.step("segregated.bit-given-back");
        COUNT.setRelease(this, fewer);
        return fewer;
    }

    /**
     * Gives a claimed block back to the owner, from any thread, by a plain store; who then, behind a full fence, finds the slab not
     * {@linkplain #isQueued marked} and {@linkplain #markQueued marks} it has to put it into the stack of its owner.
     *
     * @throws IllegalStateException if the block is seen not to be claimed, or to have been given back already
     */
    void giveBack(Region region, int index) {
        boolean isClaimed = ((long) CLAIMED.getAcquire(claimed, index >>> WORD_SHIFT) >>> index & 1) != 0;
        if (!isClaimed || isGivenBack(index)) {
            throw notClaimed(handleOf(index));
        }
        givenBackBlocks().add(index);
        region.step("segregated.given-back");
    }

    /** Whether a block was given back and is not collected yet. */
    boolean isGivenBack(int index) {
        return givenBack.has(index);
    }

    private GivenBackBlocks givenBackBlocks() {
        GivenBackBlocks blocks = givenBack;
        if (blocks != GivenBackBlocks.NONE) {
            return blocks;
        }
        GivenBackBlocks made = new GivenBackBlocks(blockCount());
        return GIVEN_BACK.compareAndSet(this, blocks, made) ? made : givenBack;
    }

    /** Whether somebody has the mark. Pairs with: dequeued, before the blocks are collected. */
    boolean isQueued() {
        return queued;
    }

    /**
     * Collects the blocks that were given back. By the owner, or by who has its lock.
     *
     * @return whether there were any
     */
    boolean collect(Region region) {
        GivenBackBlocks blocks = givenBack;
        int collected = 0;
        for (int word = 0; word < wordCount() && blocks != GivenBackBlocks.NONE; word++) {
            long bits = blocks.word(word);
            if (bits != 0) {
                blocks.remove(word, bits);
                long before = claimed[word];
                region.step("segregated.collecting");
                CLAIMED.setRelease(claimed, word, before & ~bits);
                startWord = Math.min(startWord, word);
                collected += Long.bitCount(bits);
            }
        }
        int fewer = count - collected;
        region.step("segregated.collected");
        COUNT.setRelease(this, fewer);
        return collected != 0;
    }

    /** Says that the slab is in no stack any more; before {@link #collect}. */
    void dequeued() {
        queued = false;
        // Who gave a block back before this and saw the mark is seen by the search that follows.
        VarHandle.fullFence();
    }

    /** Takes the mark that lets the caller put the slab into a stack; false if somebody has it. */
    boolean markQueued() {
        return QUEUED.compareAndSet(this, false, true);
    }

    /** Fills the claimed bits from the words of the header; before the slab is shared. */
    void load(long[] headerWords) {
        rebuild(statesOf(headerWords));
    }

    /** Takes a word of the header and the bits of it that belong to no block. */
    interface StrayVisitor {
        void visit(long wordOffset, long stray);
    }

    /** Visits the words of the header in which a bit that belongs to no block is not 0. */
    void forEachStrayWord(long[] headerWords, StrayVisitor visitor) {
        int stateShift = stateBits() == 1 ? 0 : 3;
        for (int word = 0; word < headerWords.length; word++) {
            long bits = ((long) blockCount() << stateShift) - ((long) word << WORD_SHIFT);
            long unused = bits >= Long.SIZE ? 0 : bits <= 0 ? -1L : -1L << bits;
            long stray = headerWords[word] & unused;
            if (stray != 0) {
                visitor.visit(headerOffset + (long) word * Long.BYTES, stray);
            }
        }
    }
}
