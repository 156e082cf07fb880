package pmem.bench.measure;

/**
 * A workload with its figures.
 *
 * @param kind which
 * @param blockBytes size of the blocks; 0 if they are mixed; of the floor, its working set
 * @param threads how many threads do it
 */
public record WorkloadSpec(WorkloadKind kind, long blockBytes, int threads) {
    /** Checks the figures. */
    public WorkloadSpec {
        if (blockBytes < 0
                || (blockBytes == 0) != kind.mixedSizes()
                || threads < 1
                || (kind.needsTwoThreads() && threads < 2)) {
            throw new IllegalArgumentException(
                    "workload is not possible: expected blockBytes > 0 (0 if sizes are mixed) and"
                            + " threads >= " + (kind.needsTwoThreads() ? 2 : 1) + ", found kind=" + kind.id()
                            + " blockBytes="
                            + blockBytes + " threads=" + threads);
        }
    }

    /** On one thread. */
    public static WorkloadSpec of(WorkloadKind kind, long blockBytes) {
        return new WorkloadSpec(kind, blockBytes, 1);
    }

    /** The same on so many threads. */
    public WorkloadSpec onThreads(int count) {
        return new WorkloadSpec(kind, blockBytes, count);
    }

    /** The kind, the size and the threads, for people. */
    public String title() {
        String size = blockBytes == 0 ? "" : " " + pmem.api.Size.format(blockBytes);
        return kind.id() + size + (threads == 1 ? "" : " x" + threads);
    }

    /** One word each, as {@link #parse} reads it. */
    public String text() {
        return kind.id() + " " + blockBytes + " " + threads;
    }

    /** The inverse of {@link #text}. */
    public static WorkloadSpec parse(String text) {
        String[] words = text.split(" ", -1);
        return new WorkloadSpec(WorkloadKind.ofId(words[0]), Long.parseLong(words[1]), Integer.parseInt(words[2]));
    }
}
