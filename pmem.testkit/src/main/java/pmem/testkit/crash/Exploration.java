package pmem.testkit.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What all workers of one exploration share: settings, the sets of images seen, counters, findings. Thread-safe. */
final class Exploration {
    final CrashTarget target;
    final ExplorerSettings settings;
    final PointCoverage coverage;
    final LongAdder sequences = new LongAdder();
    final LongAdder images = new LongAdder();
    final LongAdder distinct = new LongAdder();
    final LongAdder twoThreaded = new LongAdder();
    final LongAdder nested = new LongAdder();
    final LongAdder recoveries = new LongAdder();
    final LongAdder cappedEpochs = new LongAdder();
    private final LongAdder violationCount = new LongAdder();
    private final HashSetOfLongs seenImages = new HashSetOfLongs();
    private final HashSetOfLongs seenDemands = new HashSetOfLongs();
    private final Map<String, LongAdder> imagesOfOperation = new ConcurrentHashMap<>();
    private final Set<String> signatures = new HashSet<>();
    private final List<Violation> violations = new ArrayList<>();
    private volatile long distinctLimit = Long.MAX_VALUE;
    private volatile boolean full;

    Exploration(CrashTarget target, ExplorerSettings settings) {
        this.target = target;
        this.settings = settings;
        this.coverage = new PointCoverage(target.persistPoints());
    }

    /** How many threads ran in the history that led to an image, for counting. */
    enum Origin {
        ONE_THREAD,
        TWO_THREADS
    }

    /**
     * Counts an image.
     *
     * @param insideRecovery whether it was left by a crash inside a recovery
     * @return whether no image met before is equal
     */
    boolean countImage(long hash, String operation, Origin origin, boolean insideRecovery) {
        images.increment();
        if (!seenImages.add(hash)) {
            return false;
        }
        distinct.increment();
        if (origin == Origin.TWO_THREADS) {
            twoThreaded.increment();
        }
        if (insideRecovery) {
            nested.increment();
        }
        imagesOfOperation.computeIfAbsent(operation, name -> new LongAdder()).increment();
        return true;
    }

    /** Whether nobody has compared this image with this expectation yet. */
    boolean isNewDemand(long hash, Expectation expectation, int nestedDepth) {
        return seenDemands.add(hash * 0x9e3779b97f4a7c15L + expectation.digest() * 0xc2b2ae3d27d4eb4fL + nestedDepth);
    }

    /** Sets how many distinct images there may be until {@link #isOver}. */
    void limitDistinct(long limit) {
        distinctLimit = limit;
    }

    /** Whether enough has been explored, or too much is wrong. */
    boolean isOver() {
        return full || distinct.sum() >= distinctLimit;
    }

    void report(Violation violation) {
        violationCount.increment();
        synchronized (violations) {
            if (violations.size() < settings.violationsMax() && signatures.add(violation.signature())) {
                violations.add(violation);
            }
            full |= violations.size() >= settings.violationsMax();
        }
    }

    /** The violation reported for a sequence, if it was the first of its cause. */
    Optional<Violation> violationOf(List<String> sequence) {
        synchronized (violations) {
            return violations.stream()
                    .filter(violation -> violation.sequence().equals(sequence))
                    .findFirst();
        }
    }

    /** Puts a simpler violation in the place of one that was reported. */
    void replace(Violation reported, Violation simpler) {
        synchronized (violations) {
            violations.set(violations.indexOf(reported), simpler);
            signatures.add(simpler.signature());
        }
    }

    /** An exploration of the same target that has seen nothing, stops at the first violation and saves no image. */
    Exploration attempt() {
        return new Exploration(target, settings.withViolationsMax(1).withoutFailures());
    }

    /** An attempt that saves its failing image. */
    Exploration lastAttempt() {
        return new Exploration(target, settings.withViolationsMax(1));
    }

    /** How many violations of different causes have been reported. */
    int violationsKept() {
        synchronized (violations) {
            return violations.size();
        }
    }

    /** How many violations have been reported. */
    long violationCount() {
        return violationCount.sum();
    }

    /** Puts a simpler violation in the place of the last one reported. */
    void replaceLast(Violation simpler) {
        synchronized (violations) {
            replace(violations.getLast(), simpler);
        }
    }

    /** The first violation. */
    Optional<Violation> firstViolation() {
        synchronized (violations) {
            return violations.stream().findFirst();
        }
    }

    /** Saves an image for later study, if the settings name a directory. */
    Violation save(Violation violation, long[] image, long hash) {
        if (settings.failures().isEmpty()) {
            return violation;
        }
        Path directory = settings.failures().get();
        String name = target.id() + "-" + Long.toHexString(hash);
        try {
            Files.createDirectories(directory);
            Path path = directory.resolve(name + ".image");
            ByteBuffer bytes = ByteBuffer.allocate(image.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asLongBuffer().put(image);
            Files.write(path, bytes.array());
            Violation saved = violation.savedAs(path);
            Files.writeString(directory.resolve(name + ".txt"), saved + "\n");
            return saved;
        } catch (IOException e) {
            throw new UncheckedIOException("failing image can't be saved: directory=" + directory, e);
        }
    }

    ExplorerReport toReport(int lengthReached, double seconds) {
        Map<String, Long> counts = new java.util.TreeMap<>();
        imagesOfOperation.forEach((name, count) -> counts.put(name, count.sum()));
        synchronized (violations) {
            return new ExplorerReport(
                    target.id(),
                    sequences.sum(),
                    images.sum(),
                    distinct.sum(),
                    twoThreaded.sum(),
                    nested.sum(),
                    recoveries.sum(),
                    cappedEpochs.sum(),
                    violations,
                    violationCount.sum(),
                    coverage.covered(),
                    coverage.declared(),
                    coverage.undeclared(),
                    coverage.mutations(),
                    counts,
                    lengthReached,
                    seconds);
        }
    }
}
