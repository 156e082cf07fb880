package pmem.tool.bench;

import java.util.List;

/** The report without its charts, to stand below a heading of a README. */
final class MarkdownReport {
    private MarkdownReport() {}

    static String text(RunFacts facts, List<Section> sections) {
        StringBuilder text = new StringBuilder("## pmem bench\n\n");
        text.append("- machine: ").append(facts.machine()).append('\n');
        text.append("- jdk: ").append(facts.jdk()).append('\n');
        text.append("- commit: ").append(facts.commit()).append('\n');
        text.append("- command: `").append(facts.command()).append("`\n");
        for (Section section : sections) {
            if (section.tables().isEmpty()) {
                continue;
            }
            text.append("\n### ").append(section.title()).append("\n\n");
            section.paragraphs().forEach(paragraph -> text.append(paragraph).append("\n\n"));
            for (List<List<String>> cells : section.tables()) {
                text.append(String.join("\n", Markdown.table(cells))).append('\n');
                text.append(cells.equals(section.tables().getLast()) ? "" : "\n");
            }
        }
        return text.toString();
    }
}
