package pmem.bench.measure;

/**
 * What one round of a workload gave, a mean over its threads.
 *
 * @param nanosPerOperation time of a thread by the number of its operations
 * @param garbageBytesPerOperation Java heap bytes the threads allocated; negative if unknown
 * @param linesPerOperation cache lines written back; negative if not counted
 * @param fencesPerOperation fences; negative if not counted
 */
public record Round(
        double nanosPerOperation,
        double garbageBytesPerOperation,
        double linesPerOperation,
        double fencesPerOperation) {
    /** One line, as {@link #parse} reads it. */
    public String text() {
        return nanosPerOperation + " " + garbageBytesPerOperation + " " + linesPerOperation + " " + fencesPerOperation;
    }

    /** The inverse of {@link #text}. */
    public static Round parse(String text) {
        String[] words = text.split(" ", -1);
        return new Round(
                Double.parseDouble(words[0]),
                Double.parseDouble(words[1]),
                Double.parseDouble(words[2]),
                Double.parseDouble(words[3]));
    }
}
