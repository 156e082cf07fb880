package pmem.tool.bench;

import java.util.List;

/** The report as one page that needs no network: its style and its charts are in it. */
final class HtmlReport {
    private static final String STYLE = """
            body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1180px; padding: 0 1em; color: #222; }
            h1, h2 { line-height: 1.2; } h2 { margin-top: 2em; border-bottom: 1px solid #ccc; }
            table { border-collapse: collapse; margin: 1em 0; font-size: 13px; font-variant-numeric: tabular-nums; }
            th, td { border: 1px solid #ccc; padding: .25em .5em; text-align: right; }
            th { background: #f3f3f3; } th:first-child, td:first-child { text-align: left; white-space: nowrap; }
            td.text { text-align: left; } .wide { overflow-x: auto; }
            figure { margin: 1em 0; display: inline-block; vertical-align: top; } svg { max-width: 100%; height: auto; }
            nav a { margin-right: 1em; }
            """;

    private HtmlReport() {}

    static String text(RunFacts facts, List<Section> sections) {
        StringBuilder page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<title>pmem bench</title>\n<style>\n" + STYLE + "</style>\n</head>\n<body>\n<h1>pmem bench</h1>\n");
        page.append("<p>").append(escaped(facts.machine())).append("<br>").append(escaped(facts.jdk()));
        page.append("<br>commit ").append(escaped(facts.commit()));
        page.append("<br><code>").append(escaped(facts.command())).append("</code></p>\n<nav>");
        for (int i = 0; i < sections.size(); i++) {
            page.append("<a href=\"#s").append(i).append("\">");
            page.append(escaped(sections.get(i).title())).append("</a> ");
        }
        page.append("</nav>\n");
        for (int i = 0; i < sections.size(); i++) {
            append(page, sections.get(i), i);
        }
        return page.append("</body>\n</html>\n").toString();
    }

    private static void append(StringBuilder page, Section section, int number) {
        page.append("<h2 id=\"s")
                .append(number)
                .append("\">")
                .append(escaped(section.title()))
                .append("</h2>\n");
        section.paragraphs()
                .forEach(text -> page.append("<p>").append(escaped(text)).append("</p>\n"));
        section.charts().forEach(svg -> page.append("<figure>\n").append(svg).append("\n</figure>\n"));
        section.tables().forEach(cells -> append(page, cells));
    }

    private static void append(StringBuilder page, List<List<String>> cells) {
        page.append("<div class=\"wide\"><table>\n");
        for (int i = 0; i < cells.size(); i++) {
            String tag = i == 0 ? "th" : "td";
            page.append("<tr>");
            for (String cell : cells.get(i)) {
                // Sentences, as reasons are, read from the left.
                String kind = i > 0 && cell.length() > 30 ? " class=\"text\"" : "";
                page.append('<').append(tag).append(kind).append('>').append(escaped(cell));
                page.append("</").append(tag).append('>');
            }
            page.append("</tr>\n");
        }
        page.append("</table></div>\n");
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
