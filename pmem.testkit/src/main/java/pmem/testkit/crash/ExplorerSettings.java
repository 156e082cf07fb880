package pmem.testkit.crash;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import pmem.testkit.region.Omission;

/** What {@link CrashExplorer} was told to do. */
record ExplorerSettings(
        int length,
        Random random,
        boolean torn,
        int threads,
        int preemptions,
        long imagesMax,
        long imagesPerEpochMax,
        int nestedDepth,
        int violationsMax,
        boolean sameCapacity,
        int workers,
        List<Operation> operations,
        Optional<Omission> omission,
        Optional<Path> failures) {
    /** Random sequences. */
    record Random(int sequences, int length, long seed) {}

    static ExplorerSettings defaults() {
        return new ExplorerSettings(
                3,
                new Random(0, 0, 0),
                false,
                1,
                1,
                Long.MAX_VALUE,
                20_000,
                2,
                8,
                true,
                Runtime.getRuntime().availableProcessors(),
                Operations.all(),
                Optional.empty(),
                Optional.empty());
    }

    ExplorerSettings {
        operations = List.copyOf(operations);
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
                + (torn ? ".torn(true)" : "")
                + (threads == 1 ? "" : ".threads(" + threads + ").preemptions(" + preemptions + ")")
                + omission.map(left -> ".omitting(new Omission(\"" + left.point() + "\", " + left.kind() + "))")
                        .orElse("")
                + ".run(progress -> {})";
    }

    ExplorerSettings withLength(int value) {
        return new ExplorerSettings(
                value,
                random,
                torn,
                threads,
                preemptions,
                imagesMax,
                imagesPerEpochMax,
                nestedDepth,
                violationsMax,
                sameCapacity,
                workers,
                operations,
                omission,
                failures);
    }

    ExplorerSettings withRandom(int sequences, int sequenceLength, long seed) {
        return new ExplorerSettings(
                length,
                new Random(sequences, sequenceLength, seed),
                torn,
                threads,
                preemptions,
                imagesMax,
                imagesPerEpochMax,
                nestedDepth,
                violationsMax,
                sameCapacity,
                workers,
                operations,
                omission,
                failures);
    }

    ExplorerSettings withTorn(boolean value) {
        return new ExplorerSettings(
                length,
                random,
                value,
                threads,
                preemptions,
                imagesMax,
                imagesPerEpochMax,
                nestedDepth,
                violationsMax,
                sameCapacity,
                workers,
                operations,
                omission,
                failures);
    }

    ExplorerSettings withThreads(int value) {
        return new ExplorerSettings(
                length,
                random,
                torn,
                value,
                preemptions,
                imagesMax,
                imagesPerEpochMax,
                nestedDepth,
                violationsMax,
                sameCapacity,
                workers,
                operations,
                omission,
                failures);
    }

    ExplorerSettings withPreemptions(int value) {
        return new ExplorerSettings(
                length,
                random,
                torn,
                threads,
                value,
                imagesMax,
                imagesPerEpochMax,
                nestedDepth,
                violationsMax,
                sameCapacity,
                workers,
                operations,
                omission,
                failures);
    }

    ExplorerSettings withImagesMax(long value) {
        return new ExplorerSettings(
                length,
                random,
                torn,
                threads,
                preemptions,
                value,
                imagesPerEpochMax,
                nestedDepth,
                violationsMax,
                sameCapacity,
                workers,
                operations,
                omission,
                failures);
    }

    ExplorerSettings withImagesPerEpochMax(long value) {
        return new ExplorerSettings(
                length,
                random,
                torn,
                threads,
                preemptions,
                imagesMax,
                value,
                nestedDepth,
                violationsMax,
                sameCapacity,
                workers,
                operations,
                omission,
                failures);
    }

    ExplorerSettings withNestedDepth(int value) {
        return new ExplorerSettings(
                length,
                random,
                torn,
                threads,
                preemptions,
                imagesMax,
                imagesPerEpochMax,
                value,
                violationsMax,
                sameCapacity,
                workers,
                operations,
                omission,
                failures);
    }

    ExplorerSettings withViolationsMax(int value) {
        return new ExplorerSettings(
                length,
                random,
                torn,
                threads,
                preemptions,
                imagesMax,
                imagesPerEpochMax,
                nestedDepth,
                value,
                sameCapacity,
                workers,
                operations,
                omission,
                failures);
    }

    ExplorerSettings withSameCapacity(boolean value) {
        return new ExplorerSettings(
                length,
                random,
                torn,
                threads,
                preemptions,
                imagesMax,
                imagesPerEpochMax,
                nestedDepth,
                violationsMax,
                value,
                workers,
                operations,
                omission,
                failures);
    }

    ExplorerSettings withWorkers(int value) {
        return new ExplorerSettings(
                length,
                random,
                torn,
                threads,
                preemptions,
                imagesMax,
                imagesPerEpochMax,
                nestedDepth,
                violationsMax,
                sameCapacity,
                value,
                operations,
                omission,
                failures);
    }

    ExplorerSettings withOperations(List<Operation> value) {
        return new ExplorerSettings(
                length,
                random,
                torn,
                threads,
                preemptions,
                imagesMax,
                imagesPerEpochMax,
                nestedDepth,
                violationsMax,
                sameCapacity,
                workers,
                value,
                omission,
                failures);
    }

    ExplorerSettings withOmission(Omission value) {
        return new ExplorerSettings(
                length,
                random,
                torn,
                threads,
                preemptions,
                imagesMax,
                imagesPerEpochMax,
                nestedDepth,
                violationsMax,
                sameCapacity,
                workers,
                operations,
                Optional.of(value),
                failures);
    }

    ExplorerSettings withFailures(Path value) {
        return new ExplorerSettings(
                length,
                random,
                torn,
                threads,
                preemptions,
                imagesMax,
                imagesPerEpochMax,
                nestedDepth,
                violationsMax,
                sameCapacity,
                workers,
                operations,
                omission,
                Optional.of(value));
    }
}
