package pmem.testkit.region;

/**
 * A write-back or fence that a region leaves out on purpose, to show that the explorer notices.
 *
 * @param point the name of the persist point
 * @param kind what is left out there
 */
public record Omission(String point, Kind kind) {
    /** The two halves of making something durable. */
    public enum Kind {
        /** The lines do not start moving to media. */
        WRITE_BACK,
        /** Nobody waits for them. */
        FENCE
    }

    @Override
    public String toString() {
        return (kind == Kind.FENCE ? "fence" : "write-back") + " left out at " + point;
    }
}
