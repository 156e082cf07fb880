package pmem.bench.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import pmem.api.DurabilityDomain;
import pmem.api.Size;
import pmem.bench.allocator.Subject;
import pmem.bench.frames.FrameBench;
import pmem.bench.frames.FrameCost;
import pmem.bench.frames.FrameSpec;

class FrameRunTest {
    private static final long CAPACITY_BYTES = Size.mib(32);
    private static final int FRAMES = 4000;

    private static FrameRun.Rows run(List<FrameSpec> specs) {
        Plan plan = new Plan(
                List.of(),
                List.of(Subject.pool("buddy", DurabilityDomain.FORCED_CACHE_LINE)),
                2,
                1,
                1,
                true,
                CAPACITY_BYTES);
        return FrameRun.run(plan, specs, (done, total, what) -> {});
    }

    @Test
    void every_benchmark_gives_a_row_for_each_iteration_with_figures_that_ascend() {
        List<FrameSpec> specs = Stream.of(FrameBench.values())
                .map(bench -> new FrameSpec(bench, FRAMES, 4096, 2, bench == FrameBench.FILLING ? 80 : 0))
                .toList();
        FrameRun.Rows rows = run(specs);

        assertThat(rows.notRun()).isEmpty();
        assertThat(rows.rows()).hasSize(2 * specs.size()).allSatisfy(row -> {
            for (FrameCost.Spread spread :
                    List.of(row.cost().allocate(), row.cost().free())) {
                assertThat(spread.min()).isPositive().isLessThanOrEqualTo(spread.avg());
                assertThat(spread.avg()).isLessThanOrEqualTo(spread.max());
            }
            assertThat(row.cost().initMillis()).isPositive();
        });
    }

    @Test
    void a_benchmark_that_does_not_fit_is_reported_and_the_next_one_is_run() {
        FrameRun.Rows rows = run(List.of(
                new FrameSpec(FrameBench.BULK, 3 * FRAMES, 4096, 1, 0),
                new FrameSpec(FrameBench.BULK, FRAMES, 4096, 1, 0)));

        assertThat(rows.notRun())
                .singleElement()
                .satisfies(row -> assertThat(row.reason()).contains("OutOfSpaceException"));
        assertThat(rows.rows()).extracting(row -> row.spec().frames()).containsExactly(FRAMES, FRAMES);
    }

    @Test
    void figures_that_are_not_possible_are_refused() {
        assertThatThrownBy(() -> new FrameSpec(FrameBench.FILLING, 10, 4096, 1, 90))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("percent=90");
        assertThatThrownBy(() -> FrameBench.ofId("nonsense"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bulk")
                .hasMessageContaining("found=nonsense");
    }
}
