package pmem.testkit.crash;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import pmem.testkit.region.Omission;

/**
 * What happened when each write-back and each fence was left out in turn.
 *
 * @param policy what was explored
 * @param rows one for each omission
 */
public record MutationReport(String policy, List<Row> rows) {
    /**
     * One omission.
     *
     * @param omission what was left out
     * @param caughtBy the first crash that is not survived then; empty if none was found
     * @param images distinct images explored until then
     */
    public record Row(Omission omission, Optional<Violation> caughtBy, long images) {}

    /** Takes an immutable copy. */
    public MutationReport {
        rows = List.copyOf(rows);
    }

    /** Omissions nothing noticed: either the explorer is too weak there, or the write-back or fence is superfluous. */
    public List<Omission> survivors() {
        return rows.stream()
                .filter(row -> row.caughtBy().isEmpty())
                .map(Row::omission)
                .toList();
    }

    /** A Markdown table: point, what was left out, the sequence that caught it, what it showed. */
    public String toMarkdown() {
        StringJoiner text = new StringJoiner("\n");
        text.add("| policy | point | left out | caught by | what a crash shows then |");
        text.add("|---|---|---|---|---|");
        for (Row row : rows) {
            String kind = row.omission().kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
            text.add("| " + policy + " | " + row.omission().point() + " | " + kind + " | "
                    + row.caughtBy()
                            .map(violation ->
                                    cell(String.join("; ", violation.sequence())) + " | " + cell(violation.problem()))
                            .orElse("**not caught** | " + row.images() + " images explored")
                    + " |");
        }
        return text.toString();
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
