package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The tables in docs/media-format.md are those in the Javadoc of the {@code *Layout} classes, which stand beside the code that
 * uses them. {@code -Dpmem.docs=print} prints them as they have to be.
 */
class MediaFormatTest {
    private static final Path HOME = Path.of("..");
    private static final Pattern TABLE = Pattern.compile("<table>(.*?)</table>", Pattern.DOTALL);
    private static final Pattern CAPTION = Pattern.compile("<caption>(.*?)</caption>");
    private static final Pattern ROW = Pattern.compile("<tr>(.*?)</tr>", Pattern.DOTALL);
    private static final Pattern CELL = Pattern.compile("<t[hd]>(.*?)</t[hd]>", Pattern.DOTALL);

    static Stream<Path> layouts() throws IOException {
        try (Stream<Path> files = Files.walk(HOME)) {
            return files
                    .filter(file -> file.toString().endsWith("Layout.java"))
                    .filter(file -> file.toString().contains("src/main/java"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void the_document_has_every_table_of_the_layout(Path layout) throws IOException {
        String document = Files.readString(HOME.resolve("docs").resolve("media-format.md"));
        List<String> tables = tables(layout);
        assertThat(tables).isNotEmpty();
        if (System.getProperty("pmem.docs", "").equals("print")) {
            System.out.println("\n### `" + layout.getFileName().toString().replace(".java", "") + "`\n");
            tables.forEach(System.out::println);
        }
        for (String table : tables) {
            assertThat(document).contains(table);
        }
    }

    private static List<String> tables(Path layout) throws IOException {
        String javadoc = Files.readString(layout).replaceAll("\\n \\* ?", "\n");
        List<String> tables = new ArrayList<>();
        Matcher table = TABLE.matcher(javadoc);
        while (table.find()) {
            tables.add(markdown(table.group(1)));
        }
        return tables;
    }

    private static String markdown(String table) {
        StringBuilder text = new StringBuilder();
        Matcher caption = CAPTION.matcher(table);
        if (caption.find()) {
            text.append(plain(caption.group(1))).append(":\n\n");
        }
        Matcher row = ROW.matcher(table);
        boolean head = true;
        while (row.find()) {
            List<String> cells = CELL.matcher(row.group(1))
                    .results()
                    .map(cell -> plain(cell.group(1)))
                    .toList();
            text.append("| ").append(String.join(" | ", cells)).append(" |\n");
            if (head) {
                text.append("|").append("---|".repeat(cells.size())).append('\n');
                head = false;
            }
        }
        return text.toString();
    }

    private static String plain(String html) {
        return html.replaceAll("\\s+", " ")
                .replaceAll("\\{@(?:code|link|value) #?([^}]*)}", "`$1`")
                .replaceAll("<[^>]*>", "")
                .replace("|", "\\|")
                .strip();
    }
}
