package pmem.tool.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class ChartsTest {
    @Test
    void bars_show_every_name_and_figure_the_shortest_first_and_the_floor() throws Exception {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("slow", 400.0);
        values.put("fast", 200.0);
        String svg = Charts.bars("a title", "ns", values, "fast"::equals, OptionalDouble.of(100));

        List<Element> texts = texts(svg);
        assertThat(texts)
                .extracting(Element::getTextContent)
                .contains("a title", "slow", "fast", "400", "200", "floor");
        assertThat(y(texts, "fast")).isLessThan(y(texts, "slow"));
    }

    @Test
    void a_bar_that_is_twice_as_long_stands_for_twice_the_time() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("fast", 200.0);
        values.put("slow", 400.0);
        String svg = Charts.bars("a title", "ns", values, name -> true, OptionalDouble.empty());

        List<Double> widths = Pattern.compile("<rect [^>]*rgb\\(31,119,180\\)[^>]*>")
                .matcher(svg)
                .results()
                .map(bar -> number(bar.group(), "width"))
                .toList();
        assertThat(widths).hasSize(2);
        assertThat(widths.get(1) / widths.get(0)).isBetween(1.99, 2.01);
    }

    @Test
    void charts_of_one_page_share_no_names() {
        Map<String, Double> values = Map.of("one", 1.0);
        String first = Charts.bars("t", "ns", values, name -> true, OptionalDouble.empty());
        String second = Charts.bars("t", "ns", values, name -> true, OptionalDouble.empty());
        List<String> names = ids(first);
        assertThat(names).isNotEmpty().doesNotContainAnyElementsOf(ids(second));
        assertThat(names).allSatisfy(name -> assertThat(first).contains("url(#" + name + ")"));
    }

    @Test
    void lines_show_every_name_and_a_heap_every_stretch() throws Exception {
        String lines = Charts.lines(
                "over time",
                "percent",
                "MiB",
                Map.of("a curve", List.of(new double[] {0, 1}, new double[] {1, 2})),
                false);
        assertThat(texts(lines)).extracting(Element::getTextContent).contains("over time: MiB", "percent", "a curve");

        String apart = Charts.lines(
                "far apart",
                "percent",
                "ns",
                Map.of("a curve", List.of(new double[] {0, 1}, new double[] {1, 1000})),
                false);
        assertThat(texts(apart)).extracting(Element::getTextContent).contains("far apart: ns, logarithmic");

        String heap = Charts.heap("a pool", List.of(0.0, 0.5, 1.0, 1.0), 2);
        assertThat(texts(heap)).extracting(Element::getTextContent).contains("a pool");
    }

    private static List<String> ids(String svg) {
        return Pattern.compile(" id=\"([^\"]*)\"")
                .matcher(svg)
                .results()
                .map(name -> name.group(1))
                .toList();
    }

    private static double number(String tag, String attribute) {
        Matcher matcher = Pattern.compile(" " + attribute + "=\"([^\"]*)\"").matcher(tag);
        assertThat(matcher.find()).as(attribute + " of " + tag).isTrue();
        return Double.parseDouble(matcher.group(1));
    }

    private static double y(List<Element> texts, String content) {
        return texts.stream()
                .filter(text -> text.getTextContent().equals(content))
                .mapToDouble(text -> Double.parseDouble(text.getAttribute("y")))
                .findFirst()
                .orElseThrow();
    }

    private static List<Element> texts(String svg) throws Exception {
        var nodes = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(svg)))
                .getElementsByTagName("text");
        return java.util.stream.IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }
}
