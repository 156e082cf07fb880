package pmem.testkit.crash;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import pmem.testkit.region.Mutation;

/** What {@link CrashExplorer} was told to do. Fields change only in {@link #changed}, on a copy nobody else has yet. */
final class ExplorerSettings {
    /** Random sequences. */
    record Random(int sequences, int length, long seed) {}

    /** Random schedules of a scenario. */
    record RandomSchedules(int count, long seed) {}

    private int length = 3;
    private Random random = new Random(0, 0, 0);
    private RandomSchedules randomSchedules = new RandomSchedules(0, 0);
    private boolean torn;
    private int threads = 1;
    private int preemptions = 1;
    private long imagesMax = Long.MAX_VALUE;
    private long imagesPerEpochMax = 20_000;
    private int nestedDepth = 2;
    private int violationsMax = 8;
    private boolean sameCapacity = true;
    private int workers = Runtime.getRuntime().availableProcessors();
    private List<Operation> operations = Operations.all();
    private Optional<Mutation> mutation = Optional.empty();
    private Optional<Path> failures = Optional.empty();

    private ExplorerSettings() {}

    private ExplorerSettings(ExplorerSettings other) {
        length = other.length;
        random = other.random;
        randomSchedules = other.randomSchedules;
        torn = other.torn;
        threads = other.threads;
        preemptions = other.preemptions;
        imagesMax = other.imagesMax;
        imagesPerEpochMax = other.imagesPerEpochMax;
        nestedDepth = other.nestedDepth;
        violationsMax = other.violationsMax;
        sameCapacity = other.sameCapacity;
        workers = other.workers;
        operations = other.operations;
        mutation = other.mutation;
        failures = other.failures;
    }

    static ExplorerSettings defaults() {
        return new ExplorerSettings();
    }

    private ExplorerSettings changed(Consumer<ExplorerSettings> change) {
        ExplorerSettings copy = new ExplorerSettings(this);
        change.accept(copy);
        copy.requireSense();
        return copy;
    }

    private void requireSense() {
        if (length < 0 || threads < 1 || threads > 2 || preemptions < 0 || nestedDepth < 0 || workers < 1) {
            throw new IllegalArgumentException(
                    "explorer settings are out of range: expected length >= 0, threads 1 or 2,"
                            + " preemptions >= 0, nestedDepth >= 0, workers >= 1, found length=" + length + " threads="
                            + threads
                            + " preemptions=" + preemptions + " nestedDepth=" + nestedDepth + " workers=" + workers);
        }
    }

    /** The choices that decide what is found, as code. */
    String repeat() {
        return ".length(" + length + ")"
                + (random.sequences == 0
                        ? ""
                        : ".random(" + random.sequences + ", " + random.length + ", " + random.seed + "L)")
                + (randomSchedules.count == 0
                        ? ""
                        : ".randomSchedules(" + randomSchedules.count + ", " + randomSchedules.seed + "L)")
                + (torn ? ".torn(true)" : "")
                + (threads == 1 ? "" : ".threads(" + threads + ").preemptions(" + preemptions + ")")
                + mutation.map(one -> ".mutating(new Mutation(\"" + one.point() + "\", Mutation.Kind."
                                + one.kind().name() + "))")
                        .orElse("")
                + ".run(progress -> {})";
    }

    ExplorerSettings withLength(int value) {
        return changed(copy -> copy.length = value);
    }

    ExplorerSettings withRandom(int sequences, int sequenceLength, long seed) {
        return changed(copy -> copy.random = new Random(sequences, sequenceLength, seed));
    }

    ExplorerSettings withRandomSchedules(int count, long seed) {
        return changed(copy -> copy.randomSchedules = new RandomSchedules(count, seed));
    }

    ExplorerSettings withTorn(boolean value) {
        return changed(copy -> copy.torn = value);
    }

    ExplorerSettings withThreads(int value) {
        return changed(copy -> copy.threads = value);
    }

    ExplorerSettings withPreemptions(int value) {
        return changed(copy -> copy.preemptions = value);
    }

    ExplorerSettings withImagesMax(long value) {
        return changed(copy -> copy.imagesMax = value);
    }

    ExplorerSettings withImagesPerEpochMax(long value) {
        return changed(copy -> copy.imagesPerEpochMax = value);
    }

    ExplorerSettings withNestedDepth(int value) {
        return changed(copy -> copy.nestedDepth = value);
    }

    ExplorerSettings withViolationsMax(int value) {
        return changed(copy -> copy.violationsMax = value);
    }

    ExplorerSettings withSameCapacity(boolean value) {
        return changed(copy -> copy.sameCapacity = value);
    }

    ExplorerSettings withWorkers(int value) {
        return changed(copy -> copy.workers = value);
    }

    ExplorerSettings withOperations(List<Operation> value) {
        return changed(copy -> copy.operations = List.copyOf(value));
    }

    ExplorerSettings withMutation(Mutation value) {
        return changed(copy -> copy.mutation = Optional.of(value));
    }

    ExplorerSettings withFailures(Path value) {
        return changed(copy -> copy.failures = Optional.of(value));
    }

    /** The same without a directory for failing images. */
    ExplorerSettings withoutFailures() {
        return changed(copy -> copy.failures = Optional.empty());
    }

    int length() {
        return length;
    }

    Random random() {
        return random;
    }

    RandomSchedules randomSchedules() {
        return randomSchedules;
    }

    boolean torn() {
        return torn;
    }

    int threads() {
        return threads;
    }

    int preemptions() {
        return preemptions;
    }

    long imagesMax() {
        return imagesMax;
    }

    long imagesPerEpochMax() {
        return imagesPerEpochMax;
    }

    int nestedDepth() {
        return nestedDepth;
    }

    int violationsMax() {
        return violationsMax;
    }

    boolean sameCapacity() {
        return sameCapacity;
    }

    int workers() {
        return workers;
    }

    List<Operation> operations() {
        return operations;
    }

    Optional<Mutation> mutation() {
        return mutation;
    }

    Optional<Path> failures() {
        return failures;
    }
}
