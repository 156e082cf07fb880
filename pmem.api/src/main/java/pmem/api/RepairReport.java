package pmem.api;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@link Pool#repair} did, or would do.
 *
 * @param outcome how it ended
 * @param message one sentence: what was done, or why it is impossible
 * @param items what was done about each finding, in the order it was done
 * @param before what {@link Pool#check} said before
 * @param after what it says afterwards, or would say
 * @param backup the file with the old bytes; empty if nothing was changed
 */
public record RepairReport(
        Outcome outcome,
        String message,
        List<RepairItem> items,
        CheckReport before,
        CheckReport after,
        Optional<Path> backup) {
    /** How a repair ended. */
    public enum Outcome {
        /** Nothing is wrong; nothing was changed. */
        NOT_NEEDED,
        /** It was a dry run: the items would leave a sound pool. Nothing was changed. */
        PLANNED,
        /** The items were carried out and the pool is sound. */
        REPAIRED,
        /** What is left afterwards would not be a sound pool; nothing was changed. */
        IMPOSSIBLE
    }

    /** Takes an immutable copy of the items. */
    public RepairReport {
        items = List.copyOf(items);
    }

    /** One line for people. */
    @Override
    public String toString() {
        String saved = backup.map(path -> "; the old bytes are in " + path).orElse("");
        return outcome + ": " + items.size() + " items; " + message + "; before: " + before + "; after: " + after
                + saved;
    }
}
