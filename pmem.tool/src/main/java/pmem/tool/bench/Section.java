package pmem.tool.bench;

import java.util.ArrayList;
import java.util.List;

/** A part of the report: text, tables, charts. Not thread-safe while it is filled. */
final class Section {
    private final String title;
    private final List<String> paragraphs = new ArrayList<>();
    private final List<String> charts = new ArrayList<>();
    private final List<List<List<String>>> tables = new ArrayList<>();

    Section(String title) {
        this.title = title;
    }

    Section text(String paragraph) {
        paragraphs.add(paragraph);
        return this;
    }

    /** Adds a chart, the text of an SVG element. */
    Section chart(String svg) {
        charts.add(svg);
        return this;
    }

    /** Adds a table, its header first. One without rows is left out. */
    Section table(List<List<String>> cells) {
        if (cells.size() > 1) {
            tables.add(cells);
        }
        return this;
    }

    String title() {
        return title;
    }

    List<String> paragraphs() {
        return paragraphs;
    }

    List<String> charts() {
        return charts;
    }

    List<List<List<String>>> tables() {
        return tables;
    }

    /** Nothing but the title. */
    boolean isEmpty() {
        return paragraphs.isEmpty() && charts.isEmpty() && tables.isEmpty();
    }
}
