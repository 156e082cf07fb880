package pmem.testkit.fuzz;

/** The ways in which an image is damaged. */
public enum Damage {
    /** One bit of metadata is the opposite. */
    FLIPPED_BIT("flipped bit"),
    /** Two to eight bits within one word of metadata are the opposite. */
    FLIPPED_BITS("flipped bits"),
    /** The same bit of both words that tell the size of a pool that can grow is the opposite. */
    FLIPPED_SIZES("flipped sizes"),
    /** A word of metadata is a random one. */
    RANDOM_WORD("random word"),
    /** A line reads as zero. */
    ZEROED_LINE("zeroed line"),
    /** The last words of a line are those of an earlier image: a write-back that was torn or lost. */
    STALE_LINE("stale line"),
    /** Two lines have each other's content. */
    SWAPPED_LINES("swapped lines"),
    /** Two pages of 4096 bytes have each other's content. */
    SWAPPED_PAGES("swapped pages"),
    /** A page of 4096 bytes reads as zero. */
    ZEROED_PAGE("zeroed page"),
    /** The pool ends at a multiple of 4096 bytes before its end. */
    TRUNCATED("truncated"),
    /** The pool is followed by more bytes. */
    GROWN("grown");

    private final String text;

    Damage(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
