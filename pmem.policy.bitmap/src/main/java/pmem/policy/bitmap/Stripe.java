package pmem.policy.bitmap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Where one access, or the few threads of a stripe, claim blocks: for each class the current arena, and where in that the next
 * search starts. Hints only: no block is kept here, and other threads claim from the same arena when room is short. So races on
 * the positions do no harm; which arena is current changes under the lock of its class.
 *
 * <p>Positions are here and not in the arena since each claim changes one: what two threads write must not share a line.
 */
final class Stripe {
    private static final VarHandle ARENA = MethodHandles.arrayElementVarHandle(Arena[].class);
    /** Claims after which another arena has its turn, if it has as many blocks or fewer. */
    private static final int TURN_CLAIMS = 256;
    /** Entries at both ends that nobody uses, a line long, since the collector may put arrays side by side. */
    private static final int EDGE = 16;

    private final @Nullable Arena[] current;
    /** For each class the block where the next search starts, and the claims of this turn. */
    private final int[] positions;

    private final boolean rotating;
    /** First and last lines of the current arenas, a bit for each line number modulo 64; others make it when they ask. */
    private long lineSet;

    private boolean lineSetIsOld;

    /** First page of the pages that its new arenas take, or -1; see {@link LineGroups}. */
    private volatile int firstPageOfGroup = -1;

    /** A stripe without arenas; if it rotates a search starts after the last block claimed, else at the first block. */
    Stripe(int classCount, boolean rotating) {
        current = new Arena[classCount + 2 * EDGE];
        positions = new int[2 * classCount + 2 * EDGE];
        this.rotating = rotating;
    }

    /** The current arena of a class, if there is one. */
    @Nullable
    Arena arena(int classIndex) {
        return (Arena) ARENA.getAcquire(current, EDGE + classIndex);
    }

    /** Whether one of the current arenas has states in a line, or in another that looks the same: lines are told apart by six bits. */
    boolean mayUseLine(long line) {
        if (lineSetIsOld) {
            lineSetIsOld = false;
            lineSet = linesOfCurrent();
        }
        return (lineSet >>> line & 1) != 0;
    }

    private long linesOfCurrent() {
        long set = 0;
        for (int i = EDGE; i < current.length - EDGE; i++) {
            Arena arena = arena(i - EDGE);
            if (arena != null) {
                set |= 1L << arena.firstLine() | 1L << arena.lastLine();
            }
        }
        return set;
    }

    int firstPageOfGroup() {
        return firstPageOfGroup;
    }

    void setFirstPageOfGroup(int page) {
        firstPageOfGroup = page;
    }

    /** Under the lock of the class. */
    void setArena(int classIndex, @Nullable Arena arena) {
        Arena before = arena(classIndex);
        if (before != null) {
            before.removeUser();
        }
        if (arena != null) {
            arena.addUser();
        }
        positions[EDGE + 2 * classIndex + 1] = 0;
        ARENA.setRelease(current, EDGE + classIndex, arena);
        lineSetIsOld = true;
    }

    /** Claims a block of an arena, from where the last search ended on; {@link Arena#NO_BLOCK} if none is found. */
    int claim(Arena arena, int classIndex) {
        int at = EDGE + 2 * classIndex;
        int from = rotating ? positions[at] : 0;
        // The position may be one of another arena.
        int index = arena.claim(from < arena.blockCount() ? from : 0);
        if (index >= 0) {
            noteClaim(at, index + 1);
        }
        return index;
    }

    /** As {@link #claim}, from an arena that nobody may miss a free block of: looks at each word. */
    int claimAnywhere(Arena arena, int classIndex) {
        int index = claim(arena, classIndex);
        if (index < 0) {
            index = arena.claimAnywhere();
            noteClaim(EDGE + 2 * classIndex, index + 1);
        }
        return index;
    }

    private void noteClaim(int at, int next) {
        positions[at] = next;
        positions[at + 1]++;
    }

    /** Whether so many blocks were claimed since the arena became current that it is another one's turn. */
    boolean isTurnOver(Arena arena, int classIndex) {
        return rotating && positions[EDGE + 2 * classIndex + 1] >= Math.max(TURN_CLAIMS, arena.blockCount());
    }

    void endTurn(int classIndex) {
        positions[EDGE + 2 * classIndex + 1] = 0;
    }
}
