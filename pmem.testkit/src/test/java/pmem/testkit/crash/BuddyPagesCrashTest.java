package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.testkit.contract.Seeded;

/** The buddy as a page allocator, in pools that a few blocks fill; {@link EveryPolicyCrashTest} explores its smallest units. */
class BuddyPagesCrashTest {
    private static final int SAMPLE = 1_000;
    private static final int RANDOM_SCHEDULES = 20;

    private static CrashExplorer pages() {
        return CrashExplorer.of("buddy").parameter("unitBytes", 4096).nestedDepth(1);
    }

    static List<Scenario> races() {
        return Scenarios.ofTwoThreads();
    }

    @Test
    void pages_survive_a_crash_at_every_moment_of_one_and_two_threads() {
        ExplorerReport report = pages().length(3)
                .threads(2)
                .imagesPerEpochMax(SAMPLE)
                .imagesMax(20_000)
                .run(progress -> {});
        System.out.println(report);
        assertThat(report.violations()).isEmpty();
        assertThat(report.undeclaredPoints()).isEmpty();
        assertThat(report.twoThreadedImages()).isPositive();
    }

    @ParameterizedTest
    @MethodSource("races")
    void pages_survive_races_with_a_crash_at_every_step(Scenario race) {
        long seed = Seeded.seed();
        ExplorerReport report =
                pages().preemptions(1).randomSchedules(RANDOM_SCHEDULES, seed).run(race, progress -> {});
        assertThat(report.violations())
                .as("repeat with: %s", Seeded.command(BuddyPagesCrashTest.class, seed, ""))
                .isEmpty();
    }
}
