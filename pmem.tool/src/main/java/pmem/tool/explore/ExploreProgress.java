package pmem.tool.explore;

import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import pmem.testkit.crash.CrashExplorer.Progress;
import pmem.tool.common.Streams;

/** Shows how far an exploration is: a bar on a terminal, else a line for each further fifth. Thread-safe. */
final class ExploreProgress implements AutoCloseable {
    // Given, so that the library does not start programs to ask for the terminal's width.
    private static final int BAR_WIDTH = 90;
    private static final int WHOLE = 1000;
    private static final int LINE_STEP = WHOLE / 5;

    private final Streams streams;
    private final String policy;
    private final Optional<ProgressBar> bar;
    private String stage = "";
    private int nextLine;

    ExploreProgress(Streams streams, String policy) {
        this.streams = streams;
        this.policy = policy;
        bar = streams.errIsTerminal() ? Optional.of(bar(streams, policy)) : Optional.empty();
    }

    private static ProgressBar bar(Streams streams, String policy) {
        return new ProgressBarBuilder()
                .setTaskName(policy)
                .setInitialMax(WHOLE)
                .setStyle(streams.unicode() ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .hideEta()
                .setConsumer(new ConsoleProgressBarConsumer(streams.err(), BAR_WIDTH))
                .build();
    }

    synchronized void show(Progress progress) {
        int done = (int) (progress.share() * WHOLE);
        String text =
                progress.stage() + ", " + String.format(Locale.ROOT, "%,d", progress.distinctImages()) + " images";
        if (bar.isPresent()) {
            bar.get().stepTo(done).setExtraMessage(text);
            return;
        }
        nextLine = stage.equals(progress.stage()) ? nextLine : LINE_STEP;
        stage = progress.stage();
        if (done >= nextLine) {
            streams.err().println(policy + ": " + text);
            nextLine = (done / LINE_STEP + 1) * LINE_STEP;
        }
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
