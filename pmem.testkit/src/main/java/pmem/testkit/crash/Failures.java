package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import pmem.api.Pool;
import pmem.testkit.region.CrashMoment;
import pmem.testkit.region.PersistEvent;
import pmem.testkit.region.SimulatedRegion;

/** Words for what went wrong. */
final class Failures {
    private static final int FRAMES = 4;

    private Failures() {}

    /** An exception with the places nearest to its origin. */
    static String describe(Throwable failure) {
        StringBuilder text = new StringBuilder(failure.toString());
        StackTraceElement[] frames = failure.getStackTrace();
        for (int i = 0; i < Math.min(FRAMES, frames.length); i++) {
            text.append(i == 0 ? " at " : " < ")
                    .append(frames[i].getClassName().replaceAll(".*\\.", ""))
                    .append('.')
                    .append(frames[i].getMethodName())
                    .append(':')
                    .append(frames[i].getLineNumber());
        }
        return text.toString();
    }

    /** The write-backs and fences passed before a moment, oldest first; the last one with its sentence. */
    static List<String> eventsUpTo(SimulatedRegion region, CrashMoment moment) {
        List<PersistEvent> passed = region.events().subList(0, moment.eventCount());
        List<String> text = new ArrayList<>();
        for (PersistEvent event : passed) {
            text.add(event.toString());
        }
        if (!passed.isEmpty()) {
            text.set(
                    text.size() - 1,
                    text.getLast() + ": " + passed.getLast().point().sentence());
        }
        return text;
    }

    /** Closes a pool that has served its purpose; how it takes that is looked at elsewhere. */
    static void closeQuietly(Pool pool) {
        try {
            pool.close();
        } catch (RuntimeException | AssertionError e) {
            // The pool is on a private copy of an image, and what is wrong with it has been said already.
        }
    }
}
