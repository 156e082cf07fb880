package pmem.testkit.fuzz;

/** What came of one damaged image. */
public enum Verdict {
    /** Open refused the pool with a typed error. */
    REFUSED("refused"),
    /** Open succeeded, put it right and said so; all blocks and roots are there. */
    HEALED("healed"),
    /** Open succeeded and verification reports the damage. */
    REPORTED("reported"),
    /** Open succeeded, nothing is reported, and all blocks and roots are what they were: nothing reads what was damaged. */
    HARMLESS("harmless"),
    /**
     * Open succeeded, nothing is reported, and a block or root whose own metadata was damaged is another: the damaged image is
     * one that some history of calls makes too, so nothing can tell.
     */
    INDISTINGUISHABLE("indistinguishable"),
    /** Anything else: a failure. */
    WRONG("WRONG");

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
