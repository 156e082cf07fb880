package pmem.testkit.crash;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import pmem.testkit.region.Mutation;

/**
 * What an exploration did and found.
 *
 * @param policy what was explored
 * @param sequences operation sequences run; with two threads each schedule of a pair counts as one
 * @param images reachable images met, repetitions included
 * @param distinctImages images that differ in at least one word
 * @param twoThreadedImages of the distinct images, those first met in a history of two threads
 * @param nestedImages of the distinct images, those first met by crashes inside a recovery
 * @param recoveries recoveries run: one for each image and expectation
 * @param cappedEpochs epochs with too many images, of which a sample was taken
 * @param violations what was found wrong, one for each cause
 * @param violationCount how often something was found wrong
 * @param pointsCovered persist points that were the last before a crash with both outcomes
 * @param points all persist points the providers declare
 * @param undeclaredPoints points passed that no provider declares
 * @param mutations what could go wrong at the points passed, for {@link MutationCampaign}
 * @param imagesOfOperation distinct images first met in each operation
 * @param lengthReached longest sequences that were explored exhaustively
 * @param seconds time taken
 */
public record ExplorerReport(
        String policy,
        long sequences,
        long images,
        long distinctImages,
        long twoThreadedImages,
        long nestedImages,
        long recoveries,
        long cappedEpochs,
        List<Violation> violations,
        long violationCount,
        List<String> pointsCovered,
        List<String> points,
        List<String> undeclaredPoints,
        List<Mutation> mutations,
        Map<String, Long> imagesOfOperation,
        int lengthReached,
        double seconds) {
    /** Takes immutable copies. */
    public ExplorerReport {
        violations = List.copyOf(violations);
        pointsCovered = List.copyOf(pointsCovered);
        points = List.copyOf(points);
        undeclaredPoints = List.copyOf(undeclaredPoints);
        mutations = List.copyOf(mutations);
        imagesOfOperation = Collections.unmodifiableMap(new LinkedHashMap<>(imagesOfOperation));
    }

    /**
     * For tests.
     *
     * @throws AssertionError with every story if something was found wrong
     */
    public void requireNoViolation() {
        if (!violations.isEmpty()) {
            throw new AssertionError(toString());
        }
    }

    /** Declared points that lack an outcome. */
    public List<String> pointsMissed() {
        return points.stream().filter(point -> !pointsCovered.contains(point)).toList();
    }

    /** The figures as one JSON object. */
    public String toJson() {
        return String.format(
                Locale.ROOT,
                "{\"policy\": \"%s\", \"sequences\": %d, \"images\": %d, \"distinctImages\": %d, \"violations\": %d,"
                        + " \"pointsCovered\": %d, \"points\": %d, \"twoThreadedImages\": %d, \"nestedImages\": %d,"
                        + " \"cappedEpochs\": %d}",
                policy.replace("\\", "\\\\").replace("\"", "\\\""),
                sequences,
                images,
                distinctImages,
                violationCount,
                pointsCovered.size(),
                points.size(),
                twoThreadedImages,
                nestedImages,
                cappedEpochs);
    }

    /** The figures and every violation for people. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner("\n");
        text.add(String.format(
                Locale.ROOT,
                "%s: %d sequences (all up to length %d), %d images, %d distinct (%d with two threads, %d inside recovery),"
                        + " %d recoveries, %d epochs sampled, %d violations, %d of %d points covered, %.1f s",
                policy,
                sequences,
                lengthReached,
                images,
                distinctImages,
                twoThreadedImages,
                nestedImages,
                recoveries,
                cappedEpochs,
                violationCount,
                pointsCovered.size(),
                points.size(),
                seconds));
        imagesOfOperation.forEach((name, count) -> text.add(String.format(Locale.ROOT, "  %,12d  %s", count, name)));
        if (!pointsMissed().isEmpty()) {
            text.add("  points not covered: " + pointsMissed());
        }
        if (!undeclaredPoints.isEmpty()) {
            text.add("  points passed and not declared: " + undeclaredPoints);
        }
        violations.forEach(violation -> text.add(violation.toString()));
        return text.toString();
    }
}
