package pmem.tool.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Paint;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.LogarithmicAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.LookupPaintScale;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.renderer.xy.XYBlockRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleAnchor;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.category.DefaultCategoryDataset;
import org.jfree.data.xy.DefaultXYZDataset;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** The kinds of chart in the report. */
final class Charts {
    private static final Font PLAIN = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 14);
    private static final Color OWN = new Color(0x1f77b4);
    private static final Color OTHER = new Color(0xa8a8a8);
    private static final Color LINE = new Color(0xd62728);
    // Told apart by people who see few colours too: after Okabe and Ito.
    private static final List<Color> COLORS = List.of(
            new Color(0x0072b2),
            new Color(0xd55e00),
            new Color(0x009e73),
            new Color(0xcc79a7),
            new Color(0xe69f00),
            new Color(0x56b4e9),
            new Color(0x555555));
    private static final int WIDTH = 570;
    private static final int LINES_HEIGHT = 380;
    // Beyond it the legend takes more lines.
    private static final int FEW_CURVES = 10;
    private static final int LEGEND_PIXELS_A_CURVE = 7;
    // Width of a bar's figure by the width of the bars.
    private static final double LABEL_SHARE = 0.25;
    // Beyond it the short bars of a linear axis say nothing.
    private static final double LINEAR_RATIO_MAX = 12;
    // Of curves, which are read by their ends too.
    private static final double LOGARITHMIC_RATIO_MIN = 100;

    private Charts() {}

    /**
     * Bars side by side, the shortest first.
     *
     * @param isOwn whose bars stand out
     * @param floor where a line is drawn, if anywhere
     */
    static String bars(
            String title, String unit, Map<String, Double> values, Predicate<String> isOwn, OptionalDouble floor) {
        DefaultCategoryDataset data = new DefaultCategoryDataset();
        values.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(entry -> data.addValue(entry.getValue(), "all", entry.getKey()));
        JFreeChart chart =
                ChartFactory.createBarChart(title, null, unit, data, PlotOrientation.HORIZONTAL, false, false, false);
        CategoryPlot plot = chart.getCategoryPlot();
        plot.setRangeAxis(axis(
                unit, values.values().stream().mapToDouble(Double::doubleValue).toArray(), floor));
        plot.setBackgroundPaint(Color.WHITE);
        plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
        plot.setOutlineVisible(false);
        CategoryAxis categories = plot.getDomainAxis();
        categories.setTickLabelFont(PLAIN);
        categories.setMaximumCategoryLabelWidthRatio(0.5f);
        plot.setRangeAxisLocation(AxisLocation.BOTTOM_OR_LEFT);
        plot.setRenderer(barRenderer(data, isOwn));
        floor.ifPresent(nanos -> plot.addRangeMarker(marker(nanos)));
        return finished(chart, 90 + 22 * values.size());
    }

    private static BarRenderer barRenderer(DefaultCategoryDataset data, Predicate<String> isOwn) {
        BarRenderer bars = new TwoColours(data, isOwn);
        bars.setBarPainter(new StandardBarPainter());
        bars.setShadowVisible(false);
        bars.setMaximumBarWidth(0.2);
        bars.setDefaultItemLabelGenerator(new StandardCategoryItemLabelGenerator("{2}", new ThreeDigits()));
        bars.setDefaultItemLabelFont(PLAIN);
        bars.setDefaultPositiveItemLabelPosition(
                new ItemLabelPosition(ItemLabelAnchor.OUTSIDE3, TextAnchor.CENTER_LEFT));
        bars.setDefaultItemLabelsVisible(true);
        return bars;
    }

    private static ValueMarker marker(double nanos) {
        ValueMarker marker = new ValueMarker(nanos, LINE, new BasicStroke(1.5f));
        marker.setLabel("floor");
        marker.setLabelFont(PLAIN);
        marker.setLabelPaint(LINE);
        marker.setLabelBackgroundColor(new Color(255, 255, 255, 0));
        marker.setLabelAnchor(RectangleAnchor.BOTTOM_RIGHT);
        marker.setLabelTextAnchor(TextAnchor.BOTTOM_LEFT);
        return marker;
    }

    private static ValueAxis axis(String unit, double[] values, OptionalDouble floor) {
        double max = Arrays.stream(values).max().orElse(1);
        double min = Math.min(Arrays.stream(values).min().orElse(1), floor.orElse(Double.MAX_VALUE));
        ValueAxis axis;
        if (min > 0 && max / min > LINEAR_RATIO_MAX) {
            LogarithmicAxis logarithmic = new LogarithmicAxis(unit + ", logarithmic");
            logarithmic.setExpTickLabelsFlag(false);
            logarithmic.setNumberFormatOverride(new ThreeDigits());
            double from = Math.pow(10, Math.floor(Math.log10(min / 1.2)));
            // Room for the figure at the end of the longest bar.
            logarithmic.setRange(from, max * Math.pow(max / from, LABEL_SHARE));
            axis = logarithmic;
        } else {
            NumberAxis linear = new NumberAxis(unit);
            // Room for the figure at the end of the longest bar.
            linear.setRange(0, Math.max(max, floor.orElse(0)) * 1.15);
            axis = linear;
        }
        return axis;
    }

    /** Curves over a common axis, logarithmic if they are far apart. Each is a name with pairs of x and y. */
    static String lines(
            String title, String xUnit, String yUnit, Map<String, List<double[]>> curves, boolean logarithmicX) {
        XYSeriesCollection data = new XYSeriesCollection();
        curves.forEach((name, points) -> {
            XYSeries series = new XYSeries(name);
            points.forEach(point -> series.add(point[0], point[1]));
            data.addSeries(series);
        });
        JFreeChart chart = ChartFactory.createXYLineChart(
                title + ": " + yUnit, xUnit, null, data, PlotOrientation.VERTICAL, true, false, false);
        XYPlot plot = chart.getXYPlot();
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(Color.LIGHT_GRAY);
        plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
        if (logarithmicX) {
            LogarithmicAxis axis = new LogarithmicAxis(xUnit);
            axis.setExpTickLabelsFlag(false);
            axis.setNumberFormatOverride(new ThreeDigits());
            plot.setDomainAxis(axis);
        } else {
            // Threads and percents are whole.
            plot.getDomainAxis().setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        }
        if (spread(curves) > LOGARITHMIC_RATIO_MIN) {
            LogarithmicAxis axis = new LogarithmicAxis(null);
            axis.setExpTickLabelsFlag(false);
            axis.setNumberFormatOverride(new ThreeDigits());
            plot.setRangeAxis(axis);
            chart.setTitle(title + ": " + yUnit + ", logarithmic");
        }
        boolean few = curves.values().stream().allMatch(points -> points.size() <= 24);
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, few);
        for (int series = 0; series < curves.size(); series++) {
            renderer.setSeriesPaint(series, COLORS.get(series % COLORS.size()));
            renderer.setSeriesStroke(series, stroke(series / COLORS.size()));
        }
        plot.setRenderer(renderer);
        chart.getLegend().setItemFont(PLAIN);
        chart.getLegend().setItemLabelPadding(new RectangleInsets(1, 2, 1, 12));
        return finished(chart, LINES_HEIGHT + LEGEND_PIXELS_A_CURVE * Math.max(0, curves.size() - FEW_CURVES));
    }

    /** The largest value by the smallest; 0 if one is not positive, which a logarithmic axis can't show. */
    private static double spread(Map<String, List<double[]>> curves) {
        double[] values = curves.values().stream()
                .flatMap(List::stream)
                .mapToDouble(point -> point[1])
                .sorted()
                .toArray();
        return values.length == 0 || values[0] <= 0 ? 0 : values[values.length - 1] / values[0];
    }

    // Of curves that share a colour: whole, dashed, dotted.
    private static BasicStroke stroke(int turn) {
        return switch (turn) {
            case 0 -> new BasicStroke(2);
            case 1 -> dashed(6, 4);
            default -> dashed(2, 3);
        };
    }

    private static BasicStroke dashed(float line, float gap) {
        return new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {line, gap}, 0);
    }

    /** A pool as a grid of stretches, darker where more of it is in live blocks. */
    static String heap(String title, List<Double> shares, int columns) {
        int rows = Math.ceilDiv(shares.size(), columns);
        double[][] cells = new double[3][shares.size()];
        for (int i = 0; i < shares.size(); i++) {
            cells[0][i] = i % columns;
            cells[1][i] = rows - 1 - i / columns;
            cells[2][i] = shares.get(i);
        }
        DefaultXYZDataset data = new DefaultXYZDataset();
        data.addSeries("pool", cells);
        XYBlockRenderer blocks = new XYBlockRenderer();
        blocks.setPaintScale(scale());
        NumberAxis x = hidden(-0.5, columns - 0.5);
        NumberAxis y = hidden(-0.5, rows - 0.5);
        XYPlot plot = new XYPlot(data, x, y, blocks);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinesVisible(false);
        JFreeChart chart = new JFreeChart(title, TITLE, plot, false);
        return finished(chart, 50 + 14 * rows);
    }

    private static LookupPaintScale scale() {
        LookupPaintScale scale = new LookupPaintScale(0, 1.01, Color.WHITE);
        scale.add(0, new Color(0xf2f2f2));
        for (int step = 0; step < 10; step++) {
            float darkness = 0.25f + 0.075f * step;
            scale.add(0.0001 + step / 10.0, blend(darkness));
        }
        return scale;
    }

    private static Color blend(float darkness) {
        int other = Math.round(255 * (1 - darkness));
        return new Color(Math.round(other * 0.75f), Math.round(other * 0.9f), Math.round(120 + other * 0.5f));
    }

    private static NumberAxis hidden(double from, double to) {
        NumberAxis axis = new NumberAxis();
        axis.setRange(from, to);
        axis.setVisible(false);
        return axis;
    }

    private static String finished(JFreeChart chart, int height) {
        chart.setBackgroundPaint(Color.WHITE);
        chart.getTitle().setFont(TITLE);
        if (chart.getPlot() instanceof XYPlot plot) {
            label(plot.getDomainAxis());
            label(plot.getRangeAxis());
        } else if (chart.getPlot() instanceof CategoryPlot plot) {
            label(plot.getRangeAxis());
        }
        return Svg.of(chart, WIDTH, height);
    }

    private static void label(ValueAxis axis) {
        axis.setLabelFont(PLAIN);
        axis.setTickLabelFont(PLAIN);
    }

    /** Bars of one series in two colours. */
    private static final class TwoColours extends BarRenderer {
        private static final long serialVersionUID = 1;

        private final transient DefaultCategoryDataset data;
        private final transient Predicate<String> isOwn;

        TwoColours(DefaultCategoryDataset data, Predicate<String> isOwn) {
            this.data = data;
            this.isOwn = isOwn;
        }

        @Override
        public Paint getItemPaint(int row, int column) {
            return isOwn.test(data.getColumnKey(column).toString()) ? OWN : OTHER;
        }
    }

    /** Figures as the tables have them. */
    private static final class ThreeDigits extends java.text.NumberFormat {
        private static final long serialVersionUID = 1;

        @Override
        public StringBuffer format(double number, StringBuffer to, java.text.FieldPosition position) {
            if (number == Math.rint(number) && Math.abs(number) < 1e15) {
                return to.append(String.format(Locale.ROOT, "%,d", (long) number));
            }
            return to.append(ResultTable.figure(number));
        }

        @Override
        public StringBuffer format(long number, StringBuffer to, java.text.FieldPosition position) {
            return format((double) number, to, position);
        }

        @Override
        public Number parse(String text, java.text.ParsePosition position) {
            throw new UnsupportedOperationException("figures are only written");
        }
    }
}
