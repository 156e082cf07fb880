package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;
import pmem.testkit.contract.Seeded;

/**
 * The races of {@link Scenarios} for every policy, with its threads in one arena, in arenas of their own, and with slabs that only they use, and a power cut at
 * every step. Two threads run under all schedules with two preemptions, {@code -Dpmem.preemptions=3} runs all with three; two and
 * three threads also run under random ones.
 */
class EveryPolicyScenarioTest {
    private static final int RANDOM_SCHEDULES = 100;

    /** How policies are told to give each thread an arena of its own. */
    private static final Map<String, Map<String, Long>> ARENA_EACH =
            Map.of("segregated", Map.of("arenas", 4L), "bitmap", Map.of("threadStripes", 4L));

    /** A policy with parameters. */
    record Setting(String policy, Map<String, Long> parameters) {
        CrashExplorer explorer() {
            CrashExplorer explorer =
                    CrashExplorer.of(policy).nestedDepth(1).preemptions(Integer.getInteger("pmem.preemptions", 2));
            for (Map.Entry<String, Long> parameter : parameters.entrySet()) {
                explorer = explorer.parameter(parameter.getKey(), parameter.getValue());
            }
            return explorer;
        }

        @Override
        public String toString() {
            return policy + (parameters.isEmpty() ? "" : " " + parameters);
        }
    }

    static List<Setting> settings() {
        List<Setting> settings = new ArrayList<>();
        for (PolicyProvider policy : Providers.policies()) {
            settings.add(new Setting(policy.id(), Map.of()));
            if (ARENA_EACH.containsKey(policy.id())) {
                settings.add(new Setting(policy.id(), ARENA_EACH.get(policy.id())));
            }
            if (policy.id().equals("segregated")) {
                settings.add(new Setting(policy.id(), Map.of("threadCaches", 4L, "adoptAfter", 1L)));
            }
            if (policy.id().equals("bitmap")) {
                settings.add(new Setting(policy.id(), Map.of("rotation", 2L)));
            }
        }
        return settings;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void two_threads_survive_every_schedule_and_crash(Setting setting) {
        explore(setting.explorer(), setting, Scenarios.ofTwoThreads());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void two_threads_with_many_steps_survive_every_schedule_with_one_switch_fewer(Setting setting) {
        CrashExplorer explorer = setting.explorer().preemptions(Integer.getInteger("pmem.preemptions", 2) - 1);
        explore(explorer, setting, Scenarios.ofTwoThreadsWithManySteps());
    }

    // Maintenance by time would make runs differ.
    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void two_accesses_survive_every_schedule_and_crash(Setting setting) {
        CrashExplorer explorer = setting.explorer();
        if (setting.policy().equals("segregated")) {
            explorer = explorer.parameter("maintenanceMillis", 0);
        }
        explore(explorer, setting, AccessScenarios.ofTwoThreads());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void three_threads_survive_random_schedules_and_crashes(Setting setting) {
        explore(setting.explorer().preemptions(0), setting, Scenarios.ofThreeThreads());
    }

    private static void explore(CrashExplorer explorer, Setting setting, List<Scenario> scenarios) {
        long seed = Seeded.seed();
        long schedules = 0;
        long images = 0;
        for (Scenario scenario : scenarios) {
            ExplorerReport report =
                    explorer.randomSchedules(RANDOM_SCHEDULES, seed).run(scenario, progress -> {});
            assertThat(report.violations())
                    .as("%s, %s; repeat with: %s", setting, scenario.name(), command(seed))
                    .isEmpty();
            schedules += report.sequences();
            images += report.distinctImages();
        }
        System.out.printf(
                "%s: %d scenarios, %d schedules, %d distinct crash images, 0 violations; repeat with: %s%n",
                setting, scenarios.size(), schedules, images, command(seed));
    }

    private static String command(long seed) {
        return Seeded.command(EveryPolicyScenarioTest.class, seed, "");
    }
}
