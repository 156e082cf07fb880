package pmem.tool.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Tables in Markdown, the first column left-aligned, the others, meant for numbers, right-aligned. */
final class Markdown {
    private Markdown() {}

    static List<String> table(List<List<String>> cells) {
        List<String> lines = new ArrayList<>();
        lines.add(line(cells.getFirst()));
        List<String> rule = new ArrayList<>(Collections.nCopies(cells.getFirst().size(), "---:"));
        rule.set(0, ":---");
        lines.add(line(rule));
        cells.stream().skip(1).forEach(row -> lines.add(line(row)));
        return lines;
    }

    private static String line(List<String> cells) {
        StringBuilder text = new StringBuilder("|");
        cells.forEach(cell -> text.append(' ').append(cell.replace("|", "\\|")).append(" |"));
        return text.toString();
    }
}
