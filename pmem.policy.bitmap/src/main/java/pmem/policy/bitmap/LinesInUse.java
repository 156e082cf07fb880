package pmem.policy.bitmap;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import pmem.spi.Region;

/**
 * Which stripe claims from arenas that have states in a line, so that another looks for an arena elsewhere while room is not
 * short: two threads that write the same line wait for each other's write-back. Hints only, thread-safe: a line is forgotten
 * when another takes its place here, and of several stripes that claim from it the last is known.
 */
final class LinesInUse {
    static final int BITS_PER_LINE = Region.LINE_BYTES * Byte.SIZE;

    private static final int PLACES = 256;

    private record Use(long line, Stripe stripe) {}

    private final AtomicReferenceArray<@Nullable Use> uses = new AtomicReferenceArray<>(PLACES);
    private final AtomicReference<@Nullable Stripe> first = new AtomicReference<>();
    private volatile boolean several;

    /** Whether there are other stripes than this one, which is known from now on. */
    boolean isOneOfSeveral(Stripe stripe) {
        if (!several && !first.compareAndSet(null, stripe) && !stripe.equals(first.get())) {
            several = true;
        }
        return several;
    }

    /** Notes that a stripe is about to claim from an arena. */
    void note(Arena arena, Stripe stripe) {
        isOneOfSeveral(stripe);
        note(arena.firstLine(), stripe);
        // All lines between these are the arena's alone.
        note(arena.lastLine(), stripe);
    }

    private void note(long line, Stripe stripe) {
        Use known = uses.getAcquire(place(line));
        if (known == null || known.line != line || !known.stripe.equals(stripe)) {
            uses.setRelease(place(line), new Use(line, stripe));
        }
    }

    /** Whether another stripe claims from an arena that has states in a line with this one. */
    boolean areUsedBeside(Arena arena, Stripe stripe) {
        return isUsedBeside(arena.firstLine(), stripe) || isUsedBeside(arena.lastLine(), stripe);
    }

    /** Whether another stripe claims from an arena that has states in a line. */
    boolean isUsedBeside(long line, Stripe stripe) {
        Use known = uses.getAcquire(place(line));
        return known != null && known.line == line && !known.stripe.equals(stripe) && known.stripe.mayUseLine(line);
    }

    private static int place(long line) {
        return (int) line & (PLACES - 1);
    }
}
