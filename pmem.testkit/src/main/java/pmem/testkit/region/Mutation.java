package pmem.testkit.region;

import java.util.Locale;

/**
 * A write-back or fence that a region leaves out or misplaces on purpose, to show that the explorer notices.
 *
 * @param point the name of the persist point
 * @param kind what is wrong there
 */
public record Mutation(String point, Kind kind) {
    /** What can be wrong with the two halves of making something durable. */
    public enum Kind {
        /** The lines do not start moving to media. */
        WRITE_BACK,
        /** The lines start moving after the thread's next fence only. */
        WRITE_BACK_LATE,
        /** Nobody waits for the lines. */
        FENCE,
        /** The fence comes before the thread's last write-back, and so waits for the earlier ones only. */
        FENCE_EARLY;

        private boolean leavesOut() {
            return this == WRITE_BACK || this == FENCE;
        }

        /** For reports, for example {@code write-back late}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT)
                    .replace("write_back", "write-back")
                    .replace('_', ' ');
        }
    }

    /** Whether something is missing, rather than made at another time. */
    public boolean leavesOut() {
        return kind.leavesOut();
    }

    @Override
    public String toString() {
        return switch (kind) {
                    case WRITE_BACK -> "write-back left out at ";
                    case WRITE_BACK_LATE -> "write-back after the next fence at ";
                    case FENCE -> "fence left out at ";
                    case FENCE_EARLY -> "fence before the last write-back at ";
                }
                + point;
    }
}
