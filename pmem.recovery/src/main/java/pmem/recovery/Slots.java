package pmem.recovery;

/**
 * Slots as applications hold them: the offset of a word, whose low bit says that only calls of the pool change it.
 */
final class Slots {
    private static final long LINK_BIT = 1;

    private Slots() {}

    /** A word the application may store to itself. */
    static long ordinary(long offset) {
        return offset;
    }

    /** A word that only calls of the pool change. */
    static long link(long offset) {
        return offset | LINK_BIT;
    }

    static boolean isLink(long slot) {
        return (slot & LINK_BIT) != 0;
    }

    static long offset(long slot) {
        return slot & ~LINK_BIT;
    }
}
