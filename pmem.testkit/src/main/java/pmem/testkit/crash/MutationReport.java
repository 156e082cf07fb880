package pmem.testkit.crash;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import pmem.testkit.region.Mutation;

/**
 * What happened when each write-back and each fence was left out and misplaced in turn.
 *
 * @param policy what was explored
 * @param rows one for each mutation
 */
public record MutationReport(String policy, List<Row> rows) {
    /**
     * One mutation.
     *
     * @param mutation what was wrong
     * @param caughtBy the first crash that is not survived then; empty if none was found
     * @param images distinct images explored until then
     */
    public record Row(Mutation mutation, Optional<Violation> caughtBy, long images) {}

    /** Takes an immutable copy. */
    public MutationReport {
        rows = List.copyOf(rows);
    }

    /** What was left out and nothing noticed: the explorer is too weak there, or the write-back or fence is superfluous. */
    public List<Mutation> survivors() {
        return unnoticed().filter(Mutation::leavesOut).toList();
    }

    /** What was misplaced and nothing noticed: the order there seems not to be needed. */
    public List<Mutation> harmless() {
        return unnoticed().filter(mutation -> !mutation.leavesOut()).toList();
    }

    private Stream<Mutation> unnoticed() {
        return rows.stream().filter(row -> row.caughtBy().isEmpty()).map(Row::mutation);
    }

    private static String wordsFor(Row row) {
        return row.mutation().leavesOut() ? "**not caught**" : "no crash shows it";
    }

    /** A Markdown table of one policy: point, mutation, the sequence that caught it, what it showed. */
    public String toMarkdown() {
        StringJoiner text = new StringJoiner("\n");
        text.add("| policy | point | mutation | caught by | what a crash shows then |");
        text.add("|---|---|---|---|---|");
        for (Row row : rows) {
            text.add("| " + policy + " | " + row.mutation().point() + " | "
                    + row.mutation().kind() + " | "
                    + row.caughtBy()
                            .map(violation ->
                                    cell(String.join("; ", violation.sequence())) + " | " + cell(violation.problem()))
                            .orElse(wordsFor(row) + " | " + row.images() + " images explored")
                    + " |");
        }
        return text.toString();
    }

    /** A Markdown table of several policies: point, mutations, and for each policy the sequence that caught them. */
    public static String toMarkdown(List<MutationReport> reports) {
        StringJoiner text = new StringJoiner("\n");
        StringJoiner header = new StringJoiner(" | ", "| point | mutation | ", " |");
        reports.forEach(report -> header.add("caught in `" + report.policy() + "` by"));
        text.add(header.toString());
        text.add("|---|---" + "|---".repeat(reports.size()) + "|");
        TreeMap<String, Map<String, String>> kindsOfCells = new TreeMap<>();
        for (String point : points(reports)) {
            for (Mutation.Kind kind : Mutation.Kind.values()) {
                String cells = cells(reports, new Mutation(point, kind));
                if (!cells.isEmpty()) {
                    kindsOfCells
                            .computeIfAbsent(point, absent -> new LinkedHashMap<>())
                            .merge(cells, kind.toString(), (one, other) -> one + ", " + other);
                }
            }
        }
        kindsOfCells.forEach((point, rows) ->
                rows.forEach((cells, kinds) -> text.add("| " + point + " | " + kinds + " | " + cells + " |")));
        return text.toString();
    }

    private static Set<String> points(List<MutationReport> reports) {
        Set<String> points = new TreeSet<>();
        reports.forEach(
                report -> report.rows().forEach(row -> points.add(row.mutation().point())));
        return points;
    }

    /** One cell for each policy, "-" where the policy does not pass the point; empty if none does. */
    private static String cells(List<MutationReport> reports, Mutation mutation) {
        StringJoiner cells = new StringJoiner(" | ");
        boolean any = false;
        for (MutationReport report : reports) {
            Optional<Row> found = report.rows().stream()
                    .filter(row -> row.mutation().equals(mutation))
                    .findFirst();
            any |= found.isPresent();
            cells.add(found.map(row -> row.caughtBy()
                            .map(violation -> cell(String.join("; ", violation.sequence())))
                            .orElse(wordsFor(row)))
                    .orElse("-"));
        }
        return any ? cells.toString() : "";
    }

    private static String cell(String problem) {
        String line = problem.replace('\n', ' ').replace("|", "\\|");
        return line.length() <= 160 ? line : line.substring(0, 157) + "...";
    }

    @Override
    public String toString() {
        return toMarkdown();
    }
}
