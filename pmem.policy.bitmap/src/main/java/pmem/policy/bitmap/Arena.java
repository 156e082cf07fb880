package pmem.policy.bitmap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import pmem.spi.Region;
import pmem.spi.extent.SlabExtent;

/**
 * A slab whose blocks are claimed without locks.
 *
 * <p>A claim first takes a place by raising the count, which fails if the arena is full or dropped, and then finds a clear bit
 * and sets it. A give-back clears the bit and then lowers the count. So there are never more set bits than places taken: one
 * who has a place finds a bit, and repeats a search only if others claimed meanwhile. Dropping moves the count from 0 to
 * {@link #DROPPED}, which no claim leaves.
 *
 * <p>Searches start where the last one ended, so that all blocks of an arena are written equally often.
 */
final class Arena extends SlabExtent {
    /** What {@link #claim} gives if there is no place. */
    static final int NO_BLOCK = -1;

    private static final int DROPPED = -1;
    private static final VarHandle COUNT;
    private static final int WORD_SHIFT = 6;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(Arena.class, "count", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile int count;

    /** Block where the next search starts; a hint, so races on it do no harm. */
    private int start;

    Arena(Place place, int blockBytes, int blockCount, long firstBlockOffset, long firstStateBit) {
        super(place, blockBytes, blockCount, firstBlockOffset, firstStateBit);
    }

    /** Fills the claimed bits from media; before the arena is shared. */
    void load(Region region) {
        rebuild(region);
    }

    /** Reads the state bits. */
    void read(Region region, long[] into) {
        readStates(region, into);
    }

    @Override
    public int claimedCount() {
        return count;
    }

    @Override
    protected void rebuilt(int allocatedCount) {
        count = allocatedCount;
    }

    boolean hasRoom() {
        int now = count;
        return now >= 0 && now < blockCount();
    }

    /**
     * Takes a place.
     *
     * @return how many were taken before, or {@link #NO_BLOCK}
     */
    int takePlace(Region region) {
        int now = count;
        while (now >= 0 && now < blockCount()) {
            region.step("bitmap.take-place");
            int witness = (int) COUNT.compareAndExchange(this, now, now + 1);
            if (witness == now) {
                return now;
            }
            now = witness;
        }
        return NO_BLOCK;
    }

    /** Claims a block for a place taken before. */
    int claim(Region region) {
        int from = start;
        while (true) {
            int word = from >>> WORD_SHIFT;
            long bits = (long) CLAIMED.getVolatile(claimed, word);
            long free = ~bits & (-1L << from);
            region.step("bitmap.claim-bit");
            if (free == 0) {
                from = word + 1 == claimed.length ? 0 : (word + 1) << WORD_SHIFT;
            } else if (CLAIMED.compareAndSet(claimed, word, bits, bits | Long.lowestOneBit(free))) {
                int index = (word << WORD_SHIFT) + Long.numberOfTrailingZeros(free);
                start = index + 1 == blockCount() ? 0 : index + 1;
                return index;
            }
        }
    }

    /**
     * Gives a block and its place back.
     *
     * @return how many places were taken before
     * @throws IllegalStateException if the block is not claimed
     */
    int unclaim(Region region, int index) {
        long bit = 1L << index;
        long before = (long) CLAIMED.getAndBitwiseAnd(claimed, index >>> WORD_SHIFT, ~bit);
        if ((before & bit) == 0) {
            throw notClaimed(handleOf(index));
        }
        region.step("bitmap.give-place");
        return (int) COUNT.getAndAdd(this, -1);
    }

    /** Closes the arena for ever if it is empty. */
    boolean tryDrop() {
        return COUNT.compareAndSet(this, 0, DROPPED);
    }
}
