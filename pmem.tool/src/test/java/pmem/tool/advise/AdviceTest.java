package pmem.tool.advise;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.tool.advise.Advice.Preference;

class AdviceTest {
    private static Trial trial(String policy, double nanos, double usedPerAsked) {
        return new Trial(Candidate.plain(policy), nanos, usedPerAsked, 1, 1);
    }

    private static String first(Preference preference, List<Trial> trials) {
        return Advice.of(trials).ranked(preference).getFirst().candidate().title();
    }

    @ParameterizedTest
    @ValueSource(doubles = {100, 120, 140})
    void memory_decides_between_candidates_whose_times_differ_by_no_more_than_chance(double nanos) {
        List<Trial> trials = List.of(trial("roomy", 100, 1.10), trial("tight", nanos, 1.02), trial("slow", 300, 1.0));

        assertThat(first(Preference.BALANCED, trials)).isEqualTo("tight");
        assertThat(first(Preference.SPEED, trials)).isEqualTo("tight");
        assertThat(first(Preference.SPACE, trials)).isEqualTo("slow");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.8, 1, 1.25})
    void equal_candidates_stay_in_their_order_whatever_the_clock_says(double chance) {
        List<Trial> trials = List.of(trial("plain", 100, 1.05), trial("variant", 100 * chance, 1.05));
        for (Preference preference : Preference.values()) {
            assertThat(first(preference, trials)).as(preference.name()).isEqualTo("plain");
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {160, 250})
    void time_decides_where_it_differs_by_more_than_a_band(double nanos) {
        List<Trial> trials = List.of(trial("slow", nanos, 1.0), trial("fast", 100, 1.03));
        assertThat(first(Preference.SPEED, trials)).isEqualTo("fast");
        assertThat(first(Preference.BALANCED, trials)).isEqualTo("fast");
    }
}
