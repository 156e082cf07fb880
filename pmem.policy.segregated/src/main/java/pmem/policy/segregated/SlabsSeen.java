package pmem.policy.segregated;

import java.util.Arrays;

/**
 * Where one thread has found slabs, so that a slab need not be looked up for each block: a table by address, in which the slab found
 * last for a place stands. It may be gone since, or have another owner; the caller looks at both, and has what it drops itself, or finds
 * to be of no more use, forgotten: else the table would keep it from being collected. The table begins small and doubles as long as
 * places displace each other. Not thread-safe.
 */
@SuppressWarnings("ReferenceEquality") // slabs have no other equality
final class SlabsSeen {
    /** Slabs have 64 KiB or less by default, and begin at a page. */
    private static final int PLACE_SHIFT = 13;

    static final int PLACE_BYTES = 1 << PLACE_SHIFT;

    private static final int PLACES_AT_START = 64;
    private static final int PLACES_MAX = 1 << 14;

    private Slab[] slabs = newTable(PLACES_AT_START);
    private int misses;

    private static Slab[] newTable(int places) {
        Slab[] made = new Slab[places];
        Arrays.fill(made, Slab.NONE);
        return made;
    }

    /** The slab seen last at the place of a handle or at another that shares its entry; {@link Slab#NONE} if none was. */
    Slab at(long handle) {
        Slab[] table = slabs;
        return table[entryOf(handle, table)];
    }

    private static int entryOf(long handle, Slab[] table) {
        return (int) (handle >>> PLACE_SHIFT) & (table.length - 1);
    }

    /** Notes that a handle lies in a slab. */
    void put(long handle, Slab slab) {
        if (++misses > 2 * slabs.length && slabs.length < PLACES_MAX) {
            misses = 0;
            slabs = newTable(2 * slabs.length);
        }
        slabs[entryOf(handle, slabs)] = slab;
    }

    /** Forgets what {@link #at} says of a handle. */
    void forget(long handle) {
        slabs[entryOf(handle, slabs)] = Slab.NONE;
    }

    /** Forgets a slab, wherever it was found. */
    void forget(Slab slab) {
        long end = slab.handleOf(slab.blockCount());
        for (long at = slab.handleOf(0) & -PLACE_BYTES; at < end; at += PLACE_BYTES) {
            if (at(at) == slab) {
                forget(at);
            }
        }
    }
}
