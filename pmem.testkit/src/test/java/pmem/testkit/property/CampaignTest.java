package pmem.testkit.property;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import pmem.testkit.contract.PoolSetting;
import pmem.testkit.contract.PoolSettings;

/** The campaign finds planted faults, makes them short, and says how to see them again. */
class CampaignTest {
    private static final Pattern STEPS = Pattern.compile("smallest sequence found, (\\d+) of \\d+ steps");
    private static final Pattern SEED = Pattern.compile("-Dpmem.seed=(\\d+)");

    private static Campaign campaign(FaultyPool.Fault fault) {
        PoolSetting setting = PoolSettings.onCheapestFiles(CampaignTest.class).get(0);
        return new Campaign(CampaignTest.class, setting, pool -> new FaultyPool(pool, fault));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void a_planted_fault_is_found_and_shrunk_to_a_few_steps(FaultyPool.Fault fault) {
        String report = report(fault, 1, 300);
        assertThat(report).contains("breaks a law", "repeat with: mvn test", "-Dtest=CampaignTest");
        assertThat(number(STEPS, report)).as(report).isBetween(1L, 8L);
    }

    @Test
    void the_printed_seed_repeats_the_failure_at_once() {
        String first = report(FaultyPool.Fault.FORGETS_FREE, 1, 300);
        String again = report(FaultyPool.Fault.FORGETS_FREE, number(SEED, first), 1);
        assertThat(again.replaceAll("in sequence \\d+", "")).isEqualTo(first.replaceAll("in sequence \\d+", ""));
    }

    @Test
    void a_pool_without_a_fault_passes_through_the_same_decorator() {
        assertThatCode(() -> campaign(FaultyPool.Fault.NONE).run(7, 20)).doesNotThrowAnyException();
    }

    @Test
    void steps_print_as_calls() {
        List<Action> actions = List.of(
                new Action.Allocate(200, 1),
                new Action.Allocate(200, 4096),
                new Action.FreeAll(List.of(1, 2)),
                new Action.Transact(List.of(new Action.AllocateIn(5), new Action.FreeIn(0)), true),
                new Action.CrashReopen());
        assertThat(actions)
                .hasToString("[allocate(200), allocate(200, 4096), freeAll(#1, #2),"
                        + " transaction[allocate(5), free(#0)] that gives up, crash and reopen]");
    }

    private static String report(FaultyPool.Fault fault, long seed, int tries) {
        try {
            campaign(fault).run(seed, tries);
        } catch (AssertionError broken) {
            return String.valueOf(broken.getMessage());
        }
        throw new AssertionError("not found in " + tries + " sequences: " + fault);
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as("%s in%n%s", pattern, text).isTrue();
        return Long.parseLong(matcher.group(1));
    }
}
