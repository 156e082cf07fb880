package pmem.testkit.crash;

import java.util.function.ToIntFunction;

/**
 * How many blocks fit beside the live ones before a call and after it, in a pool that lost nothing. A pool that crashed during
 * the call and shows one of these two states must not have room for fewer: space would be lost. The measure belongs to one
 * history, since the room beside the same blocks may depend on how they came there. Used by one thread.
 */
final class Rooms {
    /** Nothing is known, so nothing is demanded. */
    static final Rooms UNKNOWN = new Rooms(State.EMPTY, new long[0], State.EMPTY, new long[0], words -> 0);

    private static final int UNMEASURED = -1;

    private final long[] digests;
    private final long[][] media;
    private final int[] rooms = {UNMEASURED, UNMEASURED};
    private final ToIntFunction<long[]> measure;

    /**
     * The two ends of a call.
     *
     * @param mediaBefore all words as loads saw them before the call
     * @param mediaAfter the same after it
     * @param measure how many blocks a pool on such words takes
     */
    Rooms(State before, long[] mediaBefore, State after, long[] mediaAfter, ToIntFunction<long[]> measure) {
        this.digests = new long[] {before.digest(), after.digest()};
        this.media = new long[][] {mediaBefore, mediaAfter};
        this.measure = measure;
    }

    /** The fewest blocks there must be room for beside the blocks of a state. */
    int expected(State state) {
        int expected = Integer.MAX_VALUE;
        long digest = state.digest();
        for (int end = 0; end < digests.length; end++) {
            if (digests[end] == digest) {
                rooms[end] = rooms[end] == UNMEASURED ? measure.applyAsInt(media[end].clone()) : rooms[end];
                expected = Math.min(expected, rooms[end]);
            }
        }
        return expected == Integer.MAX_VALUE ? 0 : expected;
    }
}
