package pmem.policy.bitmap;

import java.util.function.BooleanSupplier;
import pmem.api.Handles;
import pmem.spi.PolicyAccess;

/** The way in for threads without an access: the arenas of their stripe. Thread-safe, as claims and states are. */
final class SharedAccess extends PolicyAccess {
    private final BitmapPolicy policy;

    SharedAccess(BitmapPolicy policy) {
        super(policy);
        this.policy = policy;
    }

    @Override
    public boolean servesAtOnce() {
        return true;
    }

    @Override
    public long allocateAtOnce(long bytes, long alignmentBytes) {
        int classIndex = policy.classFor(bytes, alignmentBytes);
        if (classIndex < 0) {
            return Handles.NONE;
        }
        Stripe stripe = policy.stripe();
        Arena arena = stripe.arena(classIndex);
        int index = arena == null ? Arena.NO_BLOCK : stripe.claim(arena, classIndex);
        if (arena == null || index < 0) {
            return Handles.NONE;
        }
        policy.endTurn(stripe, arena);
        arena.setState(index);
        return arena.handleOf(index);
    }

    @Override
    public boolean freeAtOnce(long handle, BooleanSupplier mayBeNamed) {
        Arena arena = policy.sharedArenaOf(handle);
        int index = arena == null ? Arena.NO_BLOCK : arena.indexOf(handle);
        if (arena == null || index < 0 || !arena.clearState(index)) {
            return false;
        }
        if (mayBeNamed.getAsBoolean()) {
            arena.setState(index);
            return false;
        }
        policy.unclaim(arena, index);
        return true;
    }
}
