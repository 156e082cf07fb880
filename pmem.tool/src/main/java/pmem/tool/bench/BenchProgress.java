package pmem.tool.bench;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import pmem.bench.campaign.Progress;
import pmem.tool.common.Streams;

/** Shows how far a run is and how long it still takes: a bar on a terminal, else a line for each further tenth. For one thread. */
public final class BenchProgress implements Progress, AutoCloseable {
    private static final int BAR_WIDTH = 110;
    private static final int LINES = 10;

    private final Streams streams;
    private final String name;
    private final Optional<ProgressBar> bar;
    private final long startNanos = System.nanoTime();
    private long nextLine;

    /** Begins; the name stands before each line. */
    public BenchProgress(Streams streams, String name) {
        this.streams = streams;
        this.name = name;
        bar = streams.errIsTerminal() ? Optional.of(bar(streams, name)) : Optional.empty();
    }

    private static ProgressBar bar(Streams streams, String name) {
        return new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(1)
                .setStyle(streams.unicode() ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setConsumer(new ConsoleProgressBarConsumer(streams.err(), BAR_WIDTH))
                .build();
    }

    @Override
    public void step(long done, long total, String what) {
        if (bar.isPresent()) {
            bar.get().maxHint(total).stepTo(done).setExtraMessage(what);
            return;
        }
        if (done * LINES >= nextLine * total) {
            streams.err()
                    .printf(Locale.ROOT, "%s: %d %%, %s%s%n", name, 100 * done / total, what, timeLeft(done, total));
            streams.err().flush();
            nextLine = done * LINES / total + 1;
        }
    }

    private String timeLeft(long done, long total) {
        if (done == 0) {
            return "";
        }
        long nanos = (long) ((double) (System.nanoTime() - startNanos) / done * (total - done));
        Duration left = Duration.ofNanos(nanos);
        return String.format(Locale.ROOT, ", about %d min %02d s left", left.toMinutes(), left.toSecondsPart());
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
