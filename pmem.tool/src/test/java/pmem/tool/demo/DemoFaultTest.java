package pmem.tool.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import pmem.api.DurabilityDomain;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolException;
import pmem.tool.report.HeapMap;
import pmem.tool.trace.TraceFiles;

/** A fault that a child found reaches the user. */
class DemoFaultTest {
    private static DemoTally tally(int lost, List<String> details) {
        DemoTally tally = new DemoTally(new DemoSettings(
                Path.of("x"), "buddy", 1 << 20, DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE, 3, 2, Optional.empty()));
        CheckResult check = new CheckResult(
                7, 100, lost, 0, 0, 0, 0, 0, List.of(Outcome.DONE, Outcome.UNDONE), List.of(16L, 0L), details);
        tally.addKill(1000);
        tally.addReport(new ChildReport("d", "r", 1, 2, 1 << 20, 1 << 10, new HeapMap(1 << 20), check));
        return tally;
    }

    private static DemoCommand command(ByteArrayOutputStream out) {
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return new DemoCommand(new Streams(stream, stream, false));
    }

    @Test
    void a_lost_block_fails_the_command_and_says_how_to_repeat_it() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThatThrownBy(() -> command(out)
                        .conclude(
                                TraceFiles.of("a 0 1 1"),
                                3,
                                List.of(tally(0, List.of()), tally(1, List.of("it is gone")))))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("lost=1")
                .hasMessageContaining("it is gone")
                .hasMessageContaining("repeat with: ./pmem demo --policy buddy");
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("FAILED").doesNotContain("What it does not show");
    }

    @Test
    void a_run_without_faults_says_what_it_shows() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThat(command(out).conclude(TraceFiles.of("a 0 1 1"), 3, List.of(tally(0, List.of()))))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("What it does not show")
                .doesNotContain("FAILED");
    }

    @Test
    void undecided_operations_are_counted_by_their_end() {
        DemoTally tally = tally(0, List.of());

        assertThat(tally.undecided()).isEqualTo(2);
        assertThat(tally.done()).isEqualTo(1);
        assertThat(tally.undone()).isEqualTo(1);
        assertThat(tally.json().get("acknowledged").getAsLong()).isEqualTo(1000);
    }
}
