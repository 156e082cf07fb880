package pmem.policy.bitmap;

import org.jspecify.annotations.Nullable;
import pmem.api.Handles;
import pmem.spi.PolicyAccess;
import pmem.spi.Region;

/**
 * The current arenas of one thread. It keeps no block; it remembers the block it dealt with last, so that a block is looked up
 * once for the calls that belong together.
 */
final class BitmapAccess extends PolicyAccess {
    private static final long BLOCK_ALLOCATED = 1;

    private final BitmapPolicy policy;
    private final Stripe stripe;
    private final Region region;

    /** The block asked about last; its arena may have been dropped since. */
    private long lastHandle;

    private @Nullable Arena lastArena;
    private int lastIndex;

    BitmapAccess(BitmapPolicy policy, Stripe stripe, Region region) {
        super(policy);
        this.policy = policy;
        this.stripe = stripe;
        this.region = region;
    }

    @Override
    public long reserve(long bytes, long alignmentBytes) {
        lastHandle = Handles.NONE;
        // Else the block before this one would be that of no handle.
        lastArena = null;
        int classIndex = policy.classFor(bytes, alignmentBytes);
        if (classIndex < 0) {
            return policy.reserveElsewhere(classIndex, bytes, alignmentBytes);
        }
        Arena arena = stripe.arena(classIndex);
        int index = arena == null ? Arena.NO_BLOCK : stripe.claim(arena, classIndex);
        if (arena == null || index < 0) {
            long handle = policy.claim(stripe, classIndex, alignmentBytes);
            return handle != Handles.NONE ? handle : policy.reserveElsewhere(classIndex, bytes, alignmentBytes);
        }
        policy.endTurn(stripe, arena);
        return remember(arena, index);
    }

    private long remember(Arena arena, int index) {
        lastArena = arena;
        lastIndex = index;
        lastHandle = arena.handleOf(index);
        return lastHandle;
    }

    @Override
    public long stateField(long handle) {
        Arena arena = arenaOf(handle);
        return arena == null ? policy.stateField(handle) : arena.stateField(lastIndex);
    }

    @Override
    public long allocatedValue(long handle, long bytes, long alignmentBytes) {
        return handle == lastHandle ? BLOCK_ALLOCATED : policy.allocatedValue(handle, bytes, alignmentBytes);
    }

    @Override
    public void release(long handle, long allocatedValue) {
        Arena arena = arenaOf(handle);
        if (arena == null) {
            policy.release(handle, allocatedValue);
        } else {
            region.step("bitmap.release");
            policy.unclaim(arena, lastIndex);
        }
    }

    @Override
    public long allocateAtOnce(long bytes, long alignmentBytes) {
        int classIndex = policy.classFor(bytes, alignmentBytes);
        Arena arena = classIndex < 0 ? null : stripe.arena(classIndex);
        int index = arena == null ? Arena.NO_BLOCK : stripe.claim(arena, classIndex);
        if (arena == null || index < 0) {
            return Handles.NONE;
        }
        policy.endTurn(stripe, arena);
        arena.setState(index);
        return remember(arena, index);
    }

    @Override
    public boolean freeAtOnce(long handle) {
        Arena arena = arenaOf(handle);
        if (arena == null || !arena.clearState(lastIndex)) {
            return false;
        }
        policy.unclaim(arena, lastIndex);
        return true;
    }

    @Override
    public void close() {
        policy.forget(stripe);
    }

    /** The arena of a block, if it is in one that is no group's; {@link #lastIndex} is the block's index then. */
    private @Nullable Arena arenaOf(long handle) {
        Arena arena = lastArena;
        if (arena != null && handle == lastHandle && !arena.isClosed()) {
            return arena;
        }
        arena = policy.sharedArenaOf(handle);
        int index = arena == null ? Arena.NO_BLOCK : arena.indexOf(handle);
        if (arena == null || index < 0) {
            return null;
        }
        remember(arena, index);
        return arena;
    }
}
