package pmem.tool.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A table of text: the first columns left-aligned, the others, meant for numbers, right-aligned; two blanks between columns. Not
 * thread-safe.
 */
public final class Table {
    private static final String GAP = "  ";

    private final int leftColumns;
    private final List<String[]> rows = new ArrayList<>();

    /** Begins a table with its header; the first {@code leftColumns} columns are left-aligned. */
    public Table(int leftColumns, String... header) {
        this.leftColumns = leftColumns;
        rows.add(header.clone());
    }

    /**
     * Adds a row.
     *
     * @throws IllegalArgumentException unless it has as many cells as the header
     */
    public Table row(String... cells) {
        if (cells.length != rows.getFirst().length) {
            throw new IllegalArgumentException(
                    "table row does not fit: expected " + rows.getFirst().length + " cells, found=" + cells.length);
        }
        rows.add(cells.clone());
        return this;
    }

    /** The lines: header, a rule, the rows. */
    public List<String> lines() {
        int[] widths = widths();
        List<String> lines = new ArrayList<>();
        for (String[] row : rows) {
            lines.add(line(row, widths));
            if (lines.size() == 1) {
                lines.add(rule(widths));
            }
        }
        return lines;
    }

    private int[] widths() {
        int[] widths = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        return widths;
    }

    private String line(String[] cells, int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            String padding = " ".repeat(widths[i] - cells[i].length());
            text.append(i == 0 ? "" : GAP).append(i < leftColumns ? cells[i] + padding : padding + cells[i]);
        }
        return text.toString().stripTrailing();
    }

    private static String rule(int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            text.append(i == 0 ? "" : GAP).append("-".repeat(widths[i]));
        }
        return text.toString();
    }
}
