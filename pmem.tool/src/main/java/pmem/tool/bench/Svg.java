package pmem.tool.bench;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.geom.Rectangle2D;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.jfree.chart.JFreeChart;

/** Turns a chart into the text of an SVG element that can stand inside a page beside others. */
final class Svg {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private Svg() {}

    static String of(JFreeChart chart, int width, int height) {
        VectorGraphics2D graphics = new VectorGraphics2D();
        chart.draw(graphics, new Rectangle2D.Double(0, 0, width, height));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            new SVGProcessor()
                    .getDocument(graphics.getCommands(), new PageSize(0, 0, width, height))
                    .writeTo(bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        String element = text.substring(text.indexOf("<svg"));
        // Names are of the whole page; sizes in pixels, as they were drawn.
        String prefix = "c" + NUMBER.incrementAndGet() + "-";
        return element.replaceAll(" id=\"", " id=\"" + prefix)
                .replaceAll("url\\(#", "url(#" + prefix)
                // The library leaves its own default out, which is not that of the page.
                .replaceFirst("<svg", "<svg style=\"font-size:12px\"")
                .replace("&quot;DejaVu Sans&quot;", "DejaVu Sans,sans-serif")
                .replaceFirst(" width=\"[^\"]*\"", " width=\"" + width + "\"")
                .replaceFirst(" height=\"[^\"]*\"", " height=\"" + height + "\"")
                .replaceFirst(" viewBox=\"[^\"]*\"", " viewBox=\"0 0 " + width + " " + height + "\"")
                .strip();
    }
}
