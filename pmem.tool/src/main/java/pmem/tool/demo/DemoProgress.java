package pmem.tool.demo;

import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import pmem.tool.common.Streams;

/** Shows how far the kills of one policy are: a bar on a terminal, else a line now and then. Not thread-safe. */
final class DemoProgress implements AutoCloseable {
    // Given, so that the library does not start programs to ask for the terminal's width.
    private static final int BAR_WIDTH = 78;
    private static final int KILLS_PER_LINE = 5;

    private final Streams streams;
    private final boolean linesWanted;
    private final String policy;
    private final int kills;
    private final Optional<ProgressBar> bar;

    /**
     * Begins at no kill.
     *
     * @param linesWanted whether {@link #line} prints; else standard output is kept for JSON
     */
    DemoProgress(Streams streams, boolean linesWanted, String policy, int kills) {
        this.streams = streams;
        this.linesWanted = linesWanted;
        this.policy = policy;
        this.kills = kills;
        bar = streams.errIsTerminal() ? Optional.of(bar(streams, policy, kills)) : Optional.empty();
    }

    private static ProgressBar bar(Streams streams, String policy, int kills) {
        return new ProgressBarBuilder()
                .setTaskName(policy)
                .setInitialMax(kills)
                .setUnit(" kills", 1)
                .setStyle(streams.unicode() ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setConsumer(new ConsoleProgressBarConsumer(streams.err(), BAR_WIDTH))
                .build();
    }

    /** Says that so many kills are done and checked. */
    void step(int done, long acknowledged) {
        bar.ifPresent(shown -> shown.stepTo(done));
        if (bar.isEmpty() && (done % KILLS_PER_LINE == 0 || done == kills)) {
            streams.err()
                    .println(policy + ": " + done + " of " + kills + " kills, " + acknowledged
                            + " operations acknowledged");
        }
    }

    /** Prints a line for people, above the bar if there is one. */
    void line(String text) {
        if (linesWanted) {
            bar.ifPresent(shown -> {
                shown.pause();
                streams.err().print("\r" + " ".repeat(BAR_WIDTH) + "\r");
                streams.err().flush();
            });
            streams.out().println(text);
            streams.out().flush();
            bar.ifPresent(shown -> shown.resume().refresh());
        }
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
