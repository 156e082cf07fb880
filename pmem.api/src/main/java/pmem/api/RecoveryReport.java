package pmem.api;

import java.util.List;

/**
 * What opening a pool found and did.
 *
 * @param state how the pool was left
 * @param operationsRolledBack unfinished logged operations undone
 * @param operationsFinished logged operations on slots whose slot had changed: the rest was found done, or done now
 * @param wordsRestored state words and application words set back to their old value, or on to their new one, by that
 * @param liveBlocks blocks found allocated
 * @param superblockMillis time spent on finding and checking a superblock, milliseconds
 * @param logMillis time spent on the log, milliseconds
 * @param rebuildMillis time the policy took to rebuild its volatile structures from media, milliseconds
 * @param rootsMillis time spent on the table of roots, milliseconds
 * @param notes sentences on repairs, for example a superblock copy rewritten; empty when there were none
 */
public record RecoveryReport(
        State state,
        int operationsRolledBack,
        int operationsFinished,
        int wordsRestored,
        long liveBlocks,
        double superblockMillis,
        double logMillis,
        double rebuildMillis,
        double rootsMillis,
        List<String> notes) {
    /** How a pool was left by whoever had it open before. */
    public enum State {
        /** The pool was created by this open. */
        FRESH,
        /** The pool was closed properly. */
        CLEAN,
        /** The pool was not closed: its process died, or the machine did. */
        CRASHED
    }

    /** Takes an immutable copy of the notes. */
    public RecoveryReport {
        notes = List.copyOf(notes);
    }

    /** One line for people. */
    @Override
    public String toString() {
        String text = String.format(
                java.util.Locale.ROOT,
                "%s: %d unfinished operations rolled back, %d finished (%d words restored), %d live blocks,"
                        + " superblock %.2f ms, log %.2f ms, rebuild %.2f ms, roots %.2f ms",
                state.name().toLowerCase(java.util.Locale.ROOT),
                operationsRolledBack,
                operationsFinished,
                wordsRestored,
                liveBlocks,
                superblockMillis,
                logMillis,
                rebuildMillis,
                rootsMillis);
        return notes.isEmpty() ? text : text + "; " + String.join("; ", notes);
    }
}
