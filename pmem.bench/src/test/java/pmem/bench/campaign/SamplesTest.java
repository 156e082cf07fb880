package pmem.bench.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import pmem.bench.allocator.Rival;
import pmem.bench.measure.Round;
import pmem.bench.measure.WorkloadKind;
import pmem.bench.measure.WorkloadSpec;

class SamplesTest {
    @Test
    void a_row_is_the_median_of_its_rounds_with_half_the_distance_of_the_quartiles_as_error() {
        Samples samples = new Samples();
        for (double nanos : new double[] {50, 10, 30, 20, 40}) {
            samples.add(new Round(nanos, 0, -1, -1));
        }
        Result result = samples.result(
                WorkloadSpec.of(WorkloadKind.PAIR, 64),
                Rival.ARENA.subject(),
                OptionalDouble.empty(),
                OptionalDouble.empty());
        assertThat(result.nanosPerOperation()).isEqualTo(30);
        assertThat(result.error()).isEqualTo(10);
    }

    @Test
    void a_quantile_between_two_figures_is_weighed_by_the_distance() {
        assertThat(Samples.quantile(new double[] {1, 2}, 0.25)).isEqualTo(1.25);
        assertThat(Samples.quantile(new double[] {7}, 0.75)).isEqualTo(7);
    }
}
