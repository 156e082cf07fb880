package pmem.bench.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import pmem.api.DurabilityDomain;
import pmem.api.Size;
import pmem.bench.allocator.Rival;
import pmem.bench.allocator.Subject;
import pmem.bench.measure.Latencies;
import pmem.bench.measure.WorkloadKind;
import pmem.bench.measure.WorkloadSpec;

class LatencyRunTest {
    @Test
    void percentiles_ascend_and_who_is_not_there_is_left_out() {
        Subject pool = Subject.pool("buddy", DurabilityDomain.FORCED_CACHE_LINE);
        Subject nobody = new Subject("none such", "", "volatile");
        List<LatencyRun.Row> rows = LatencyRun.run(
                new Plan(
                        List.of(WorkloadSpec.of(WorkloadKind.PAIR, 64)),
                        List.of(pool, nobody, Rival.UNSAFE.subject()),
                        1,
                        5_000_000,
                        5_000_000,
                        true,
                        Size.mib(32)),
                (done, total, what) -> {});

        assertThat(rows).extracting(LatencyRun.Row::subject).containsExactly(pool, Rival.UNSAFE.subject());
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.latencies().nanos())
                    .hasSize(Latencies.PERCENTILES.length)
                    .isSorted();
            assertThat(row.latencies().nanos()[0]).isPositive();
        });
    }
}
