package pmem.spi.extent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * A run of pages cut into equal blocks, in DRAM: where its blocks and their state bits are, and which are claimed.
 *
 * <p>Block {@code i}'s state field is bit {@code firstStateBit + i} of the region, so a policy keeps them wherever it likes
 * as long as they are contiguous; or it is byte {@code i} from there on, if so chosen. A claimed bit says reserved or allocated. How claimed bits change, by compare-and-set or
 * under a lock, is the subclass's choice; readers here use acquire loads.
 */
public abstract class SlabExtent extends Extent {
    /** A line behind the claimed bits, so that they share none with those of a slab that another thread claims from. */
    private static final int ROOM_WORDS = Region.LINE_BYTES / Long.BYTES;

    /** For compare-and-set on {@link #claimed}. */
    protected static final VarHandle CLAIMED = MethodHandles.arrayElementVarHandle(long[].class);

    private static final VarHandle LISTED;

    static {
        try {
            LISTED = MethodHandles.lookup().findVarHandle(SlabExtent.class, "listed", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private static final int WORD_SHIFT = 6;
    // One more than the bits of an int, so that the compiler sees that no index is negative.
    private static final int INVERSE_SHIFT = Integer.SIZE + 1;
    private static final long[] NO_WORDS = {};
    private static final int BYTE_SHIFT = 3;
    private static final long LOWEST_OF_BYTES = 0x0101_0101_0101_0101L;

    /** One bit a block; the bits after the last block are set, so that a search never finds them. */
    protected final long[] claimed;

    /** Neighbours in the {@link SlabList} the slab is in; guarded as the list is. */
    @Nullable
    SlabExtent previous;

    @Nullable
    SlabExtent next;

    private volatile boolean listed;
    private volatile boolean borrowed;

    private final int classIndex;
    private final int blockBytes;
    private final int blockCount;
    private final int wordCount;
    private final long firstBlockOffset;
    private final long firstStateBit;
    private final long firstStateByte;
    private final long blocksBytes;
    /** 2^33 divided by the block size, rounded up: a multiplication for the division by it. */
    private final long inverseBlockBytes;
    /** Bits of a state field, 1 or 8, as a shift. */
    private final int stateShift;

    /** As the other constructor, with one bit for each state. */
    protected SlabExtent(Place place, int blockBytes, int blockCount, long firstBlockOffset, long firstStateBit) {
        this(place, blockBytes, blockCount, firstBlockOffset, firstStateBit, false);
    }

    /**
     * Describes a slab none of whose blocks is claimed.
     *
     * @param place pages and size class
     * @param blockBytes size of each block
     * @param blockCount 0 for a slab that no handle lies in; {@code blockBytes * blockCount} fits an {@code int}
     * @param firstBlockOffset offset of block 0 in the region
     * @param firstStateBit state bit of block 0, counted in bits from the start of the region
     * @param statesAreBytes whether each state is a byte, {@code firstStateBit} then being a multiple of 64
     */
    protected SlabExtent(
            Place place,
            int blockBytes,
            int blockCount,
            long firstBlockOffset,
            long firstStateBit,
            boolean statesAreBytes) {
        this(place, blockBytes, blockCount, firstBlockOffset, firstStateBit, statesAreBytes, true);
    }

    /**
     * Describes a slab none of whose blocks is claimed.
     *
     * @param withBits whether {@link #claimed} is used; if not, the subclass keeps the claimed bits elsewhere and gives them by
     *     {@link #claimedWord}
     */
    protected SlabExtent(
            Place place,
            int blockBytes,
            int blockCount,
            long firstBlockOffset,
            long firstStateBit,
            boolean statesAreBytes,
            boolean withBits) {
        super(place.firstPage(), place.pageCount());
        classIndex = place.classIndex();
        this.blockBytes = blockBytes;
        this.blockCount = blockCount;
        this.firstBlockOffset = firstBlockOffset;
        this.firstStateBit = firstStateBit;
        firstStateByte = firstStateBit / Byte.SIZE;
        blocksBytes = (long) blockCount * blockBytes;
        stateShift = statesAreBytes ? BYTE_SHIFT : 0;
        inverseBlockBytes = ((1L << INVERSE_SHIFT) + blockBytes - 1) / blockBytes;
        wordCount = Math.max(1, (blockCount + Long.SIZE - 1) >>> WORD_SHIFT);
        claimed = withBits ? emptyWords() : NO_WORDS;
    }

    /**
     * What a slab's table word says.
     *
     * @param firstPage first page
     * @param pageCount length in pages
     * @param classIndex size class
     */
    public record Place(int firstPage, int pageCount, int classIndex) {}

    /** Number of blocks of a slab as its table word describes it, 0 if no policy with these classes makes such a slab. */
    public static int blockCount(SizeClasses classes, SlabPlan plan, int classIndex, int pages) {
        int blocks = classIndex < classes.count() ? plan.blockCount(classIndex, pages) : 0;
        return (long) blocks * (blocks == 0 ? 0 : classes.bytes(classIndex)) <= Integer.MAX_VALUE ? blocks : 0;
    }

    /** Number of claimed blocks; 0 or less only if none is. */
    public abstract int claimedCount();

    /** Whether anybody's request may be served from it, or from its pages once it is empty. */
    protected boolean isOpenToAll() {
        return true;
    }

    /** Called once while the heap is rebuilt, after {@link #claimed} was filled from media: takes over the number of blocks. */
    protected abstract void rebuilt(int allocatedCount);

    /** Whether the slab is in a {@link SlabList}; a volatile read. */
    public final boolean isListed() {
        return listed;
    }

    /** Says whether it is in a list; fully ordered, or as a release for a reader who is content with what was. */
    final void setListed(boolean inList, boolean fully) {
        if (fully) {
            listed = inList;
        } else {
            LISTED.setRelease(this, inList);
        }
    }

    /** Whether the slab is in DRAM only, without a table word. */
    final boolean isBorrowed() {
        return borrowed;
    }

    final void setBorrowed(boolean inDramOnly) {
        borrowed = inDramOnly;
    }

    /** Size class. */
    public final int classIndex() {
        return classIndex;
    }

    /** Size of each block in bytes. */
    public final int blockBytes() {
        return blockBytes;
    }

    /** Number of blocks. */
    public final int blockCount() {
        return blockCount;
    }

    /** State bit of block 0, counted in bits from the start of the region. */
    public final long firstStateBit() {
        return firstStateBit;
    }

    /** Handle of a block. */
    public final long handleOf(int index) {
        return firstBlockOffset + (long) index * blockBytes;
    }

    /** Index of the block that starts at a handle, or -1 if none does; any value is allowed. */
    public final int indexOf(long handle) {
        long distance = handle - firstBlockOffset;
        if (Long.compareUnsigned(distance, blocksBytes) >= 0) {
            return -1;
        }
        // Exact for multiples of the block size, and no other distance survives the comparison.
        int index = (int) ((distance * inverseBlockBytes) >>> INVERSE_SHIFT);
        return (long) index * blockBytes == distance ? index : -1;
    }

    /** State field of a block. */
    public long stateField(int index) {
        long bit = firstStateBit + ((long) index << stateShift);
        return StateField.of(bit >>> WORD_SHIFT << 3, (int) bit & (Long.SIZE - 1), 1 << stateShift);
    }

    /** Offset of a block's state, which is a byte. */
    public final long stateByte(int index) {
        return firstStateByte + index;
    }

    /** Number of allocated blocks as media has them. */
    public final int allocatedCount(Region region) {
        int count = 0;
        for (int i = 0; i < wordCount; i++) {
            count += Long.bitCount(allocatedWord(region, i));
        }
        return count;
    }

    /** The failure of giving back what nobody has: an error of the pool, not of its user. */
    protected static IllegalStateException notClaimed(long handle) {
        return new IllegalStateException(
                "released block is not claimed: expected a reserved or allocated block, handle="
                        + Handles.format(handle));
    }

    /** Number of words that {@link #allocatedWord} and {@link #claimedWord} give. */
    protected final int wordCount() {
        return wordCount;
    }

    /** Words of claimed bits that say that no block is claimed, as {@link #claimed} holds them. */
    protected final long[] emptyWords() {
        long[] words = new long[wordCount + ROOM_WORDS];
        Arrays.fill(words, wordCount, words.length, -1L);
        words[wordCount - 1] = ~maskOf(wordCount - 1);
        return words;
    }

    /** Reads the state bits of all blocks, while others may change them, as {@link ExtentPolicy#readStates} wants them. */
    protected final void readStates(Region region, long[] into) {
        for (int i = 0; i < into.length; i++) {
            into[i] = allocatedWord(region, i);
        }
    }

    /** State bits on media of the blocks from {@code 64 * wordIndex} on; bits of other slabs in the same word are left out. */
    protected long allocatedWord(Region region, int wordIndex) {
        if (stateShift != 0) {
            return allocatedWordOfBytes(region, wordIndex);
        }
        long bit = firstStateBit + ((long) wordIndex << WORD_SHIFT);
        long offset = bit >>> WORD_SHIFT << 3;
        int shift = (int) bit & (Long.SIZE - 1);
        long mask = maskOf(wordIndex);
        long word = region.loadAcquire(offset) >>> shift;
        if (shift != 0 && mask >>> (Long.SIZE - shift) != 0) {
            word |= region.loadAcquire(offset + Long.BYTES) << (Long.SIZE - shift);
        }
        return word & mask;
    }

    private long allocatedWordOfBytes(Region region, int wordIndex) {
        long states = 0;
        int words = Math.min(Long.BYTES, (blockCount - (wordIndex << WORD_SHIFT) + Long.BYTES - 1) / Long.BYTES);
        for (int i = 0; i < words; i++) {
            long offset = firstStateBit / Byte.SIZE + ((long) wordIndex << WORD_SHIFT) + (long) i * Long.BYTES;
            states |= Long.compress(region.loadAcquire(offset), LOWEST_OF_BYTES) << (i * Byte.SIZE);
        }
        return states & maskOf(wordIndex);
    }

    /** Bits of a state field: 1 or 8. */
    protected final int stateBits() {
        return 1 << stateShift;
    }

    /**
     * The states as bits, as {@link #rebuild(long[])} and {@link ExtentPolicy#readStates} want them.
     *
     * @param words as many words from the first state bit on as the states take, or more
     */
    public final long[] statesOf(long[] words) {
        if (stateShift == 0) {
            return words;
        }
        long[] states = new long[wordCount];
        for (int i = 0; i < Math.min(words.length, states.length * Long.BYTES); i++) {
            long byteStates = Long.compress(words[i], LOWEST_OF_BYTES);
            states[i / Long.BYTES] |= byteStates << (i % Long.BYTES * Byte.SIZE);
        }
        return states;
    }

    /** Bits of blocks that are claimed by {@link #claimed} and yet on their way back; 0 unless a policy has such. */
    protected long givenBackWord(int wordIndex) {
        return 0;
    }

    /** Claimed bits of the blocks from {@code 64 * wordIndex} on. */
    protected long claimedWord(int wordIndex) {
        return (long) CLAIMED.getAcquire(claimed, wordIndex) & ~givenBackWord(wordIndex) & maskOf(wordIndex);
    }

    /** Fills the claimed bits from media; before the slab is shared. */
    protected final void rebuild(Region region) {
        int count = 0;
        for (int i = 0; i < wordCount; i++) {
            long allocated = allocatedWord(region, i);
            claimed[i] = allocated | ~maskOf(i);
            count += Long.bitCount(allocated);
        }
        rebuilt(count);
    }

    /**
     * Fills the claimed bits from words that were read; before the slab is shared.
     *
     * @param stateWords state bits from that of block 0 on, in bit 0 of the first word; bits after those of the last block do not
     *     matter
     */
    protected final void rebuild(long[] stateWords) {
        int count = 0;
        for (int i = 0; i < wordCount; i++) {
            long allocated = stateWords[i] & maskOf(i);
            claimed[i] = allocated | ~maskOf(i);
            count += Long.bitCount(allocated);
        }
        rebuilt(count);
    }

    /** The bits of a word that belong to blocks. */
    protected final long maskOf(int wordIndex) {
        int blocks = blockCount - (wordIndex << WORD_SHIFT);
        return blocks >= Long.SIZE ? -1L : (1L << blocks) - 1;
    }
}
