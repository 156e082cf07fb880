package pmem.testkit.region;

import java.util.Locale;
import pmem.spi.PersistPoint;

/**
 * A write-back or fence the region saw.
 *
 * @param kind which of the two
 * @param point its name
 * @param thread number of the thread, from 0 in the order of first appearance
 * @param firstLine first line written back; 0 for a fence
 * @param lines how many lines were written back; 0 for a fence
 * @param matters whether some of these lines could be missing on media just before it took effect
 */
public record PersistEvent(Kind kind, PersistPoint point, int thread, int firstLine, int lines, boolean matters) {
    /** The two halves of making something durable. */
    public enum Kind {
        /** Lines start moving to media. */
        WRITE_BACK,
        /** The thread waits for those it has started. */
        FENCE
    }

    @Override
    public String toString() {
        String what = kind == Kind.FENCE
                ? "fence"
                : String.format(
                        Locale.ROOT,
                        "write-back of %d line(s) from 0x%x",
                        lines,
                        (long) firstLine * SimulatedRegion.LINE_BYTES);
        return what + " at " + point.name() + " (thread " + thread + ")";
    }
}
