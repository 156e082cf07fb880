package pmem.policy.buddy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import pmem.spi.TagFloat;

/**
 * A few blocks that a {@link Stripe} keeps for its next calls, by length: the last one freed is the next one taken, and if several
 * are taken in a row without a free between them, more are fetched at once. Kept blocks are taken from the trees, but not live.
 *
 * <p>A shared one is guarded by a lock which is only ever tried: who finds it taken goes to the trees, so nobody waits for
 * a thread that lost its processor. {@link #drain} alone waits. An exclusive stash has no lock, and nobody else drains it. A call
 * that is served from here takes that one lock or none, and no other.
 */
final class Stash {
    /** Most blocks of a length. */
    static final int BLOCKS_MAX = 32;

    private static final int FETCHED_MAX = 16;
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    // The state is in the middle of some lines of its own.
    private static final int LOCK = 16;
    private static final int UNITS = LOCK + 1;
    private static final int BLOCKS = LOCK + 2;
    private static final int STATE_LONGS = 32;
    /** With a line behind the blocks, so that those of two stashes never share one. */
    private static final int STACK_LONGS = BLOCKS_MAX + 8;

    private static final long[] NO_STACK = {};

    private final Stripe stripe;
    private final boolean exclusive;
    private final long unitsMax;
    /** How many threads look for room in all stashes: while there is one, nobody takes more than he was asked for. */
    private final AtomicInteger searchers;

    private final long[] state = new long[STATE_LONGS];
    /** By tag: first units of blocks, the next one to be taken last. */
    private final long[][] stacks = new long[TagFloat.TAG_MAX + 1][];

    private final int[] depths = new int[TagFloat.TAG_MAX + 1];
    /** By tag: how many to fetch at the next miss. */
    private final int[] toFetch = new int[TagFloat.TAG_MAX + 1];

    /**
     * An empty stash.
     *
     * @param exclusive whether only one thread uses it
     * @param unitsMax most units it may keep
     * @param searchers counts the threads that {@linkplain #drain drain} all stashes and then look into the trees
     */
    Stash(Stripe stripe, boolean exclusive, long unitsMax, AtomicInteger searchers) {
        this.stripe = stripe;
        this.exclusive = exclusive;
        this.unitsMax = unitsMax;
        this.searchers = searchers;
        Arrays.fill(stacks, NO_STACK);
        Arrays.fill(toFetch, 1);
    }

    /** Most bytes of DRAM for one, when it has kept blocks of every length. */
    static long indexBytesMax() {
        long perTag = 3L * Integer.BYTES + (long) STACK_LONGS * Long.BYTES;
        return STATE_LONGS * (long) Long.BYTES + (TagFloat.TAG_MAX + 1) * perTag;
    }

    private boolean tryEnter() {
        return exclusive || (state[LOCK] == 0 && LONGS.compareAndSet(state, LOCK, 0L, 1L));
    }

    private void leave() {
        if (!exclusive) {
            LONGS.setRelease(state, LOCK, 0L); // pairs with: tryEnter
        }
    }

    private void count(long blocks, long units) {
        LONGS.setOpaque(state, UNITS, state[UNITS] + units);
        LONGS.setOpaque(state, BLOCKS, state[BLOCKS] + blocks);
    }

    /** Number of blocks kept; without the lock, at some moment. */
    long blocks() {
        return (long) LONGS.getOpaque(state, BLOCKS);
    }

    /** Number of units kept; without the lock, at some moment. */
    long units() {
        return (long) LONGS.getOpaque(state, UNITS);
    }

    /**
     * Takes a block of a length, aligned to the power of two at or above it.
     *
     * @param tag of the length
     * @param order of that power of two
     * @return its first unit, or {@link FreeTrees#NONE} if neither stash nor trees have one
     */
    long take(int tag, int order, long lengthUnits) {
        if (lengthUnits > unitsMax || !tryEnter()) {
            return stripe.take(order, lengthUnits);
        }
        try {
            int depth = depths[tag] - 1;
            if (depth < 0) {
                return fetch(tag, order, lengthUnits);
            }
            depths[tag] = depth;
            count(-1, -lengthUnits);
            return stacks[tag][depth];
        } finally {
            leave();
        }
    }

    /** Takes a block that is aligned to more than its length demands, from the trees. */
    long takeAligned(int order, long lengthUnits) {
        return stripe.take(order, lengthUnits);
    }

    private long fetch(int tag, int order, long lengthUnits) {
        int wanted = (int) Math.min(toFetch[tag], 1 + (unitsMax - state[UNITS]) / lengthUnits);
        toFetch[tag] = Math.min(2 * toFetch[tag], FETCHED_MAX);
        // Pairs with: BuddyPolicy.takeWhatIsKept, which counts before it looks at the lock. Who entered before that is
        // waited for
        // and drained; who enters later sees the searcher here, and leaves the trees what the searcher may need.
        if (wanted == 1 || searchers.get() != 0) {
            return stripe.take(order, lengthUnits);
        }
        long[] stack = stackOf(tag);
        int fetched = stripe.takeSeveral(order, lengthUnits, stack, wanted);
        if (fetched == 0) {
            return FreeTrees.NONE;
        }
        depths[tag] = fetched - 1;
        count(fetched - 1, (fetched - 1) * lengthUnits);
        return stack[fetched - 1];
    }

    private long[] stackOf(int tag) {
        if (stacks[tag].length == 0) {
            stacks[tag] = new long[STACK_LONGS];
        }
        return stacks[tag];
    }

    /** Gives a block back. */
    void give(long start, int tag, long lengthUnits) {
        if (lengthUnits > unitsMax || !tryEnter()) {
            stripe.give(start, lengthUnits, 1);
            return;
        }
        try {
            int depth = depths[tag];
            if (depth == BLOCKS_MAX || state[UNITS] + lengthUnits > unitsMax) {
                depth = flush(tag, lengthUnits, (depth + 1) / 2);
                toFetch[tag] = 1;
            }
            if (state[UNITS] + lengthUnits > unitsMax) {
                stripe.give(start, lengthUnits, 1);
                return;
            }
            stackOf(tag)[depth] = start;
            depths[tag] = depth + 1;
            count(1, lengthUnits);
        } finally {
            leave();
        }
    }

    /** Gives the blocks of a length that were kept longest back to the trees, neighbours at once; returns how many are left. */
    private int flush(int tag, long lengthUnits, int count) {
        long[] stack = stacks[tag];
        for (int i = 0; i < count; ) {
            int end = i + 1;
            while (end < count && stack[end] == stack[end - 1] + lengthUnits) {
                end++;
            }
            stripe.give(stack[i], (end - i) * lengthUnits, end - i);
            i = end;
        }
        int left = depths[tag] - count;
        System.arraycopy(stack, count, stack, 0, left);
        depths[tag] = left;
        count(-count, -count * lengthUnits);
        return left;
    }

    /** Gives all blocks back to the trees, for the stash's thread, or another one if it is shared. */
    void drain() {
        // The lock first: whoever holds it may have taken blocks that are not counted yet.
        boolean entered = (long) LONGS.getVolatile(state, LOCK) != 0;
        if (!entered && blocks() == 0) {
            return;
        }
        SpinWait wait = new SpinWait();
        while (!tryEnter()) {
            wait.once();
        }
        try {
            for (int tag = 1; tag < depths.length; tag++) {
                if (depths[tag] > 0) {
                    flush(tag, TagFloat.lengthUnits(tag), depths[tag]);
                }
            }
        } finally {
            leave();
        }
    }

    /** Whether threads other than its own may drain it. */
    boolean isShared() {
        return !exclusive;
    }

    /** Gives up all it keeps, its tree too. */
    void close() {
        drain();
        stripe.giveUp();
    }
}
