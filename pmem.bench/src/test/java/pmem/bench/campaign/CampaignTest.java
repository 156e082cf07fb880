package pmem.bench.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import pmem.api.DurabilityDomain;
import pmem.api.Size;
import pmem.bench.allocator.Rival;
import pmem.bench.allocator.Subject;
import pmem.bench.measure.WorkloadKind;
import pmem.bench.measure.WorkloadSpec;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;

class CampaignTest {
    private static final long ROUND_NANOS = 1_000_000;
    private static final Set<WorkloadKind> WITHOUT_GARBAGE =
            EnumSet.of(WorkloadKind.PAIR, WorkloadKind.CHURN, WorkloadKind.BULK_RANDOM);

    @Test
    void every_policy_does_every_workload_of_a_pool_in_both_domains() {
        List<Subject> pools = pools();
        Outcome outcome = Campaign.run(plan(workloads(), pools), (done, total, what) -> {});

        assertThat(outcome.notRun()).isEmpty();
        List<WorkloadKind> lacking = List.of(WorkloadKind.FLOOR, WorkloadKind.LINK);
        assertThat(outcome.results()).hasSize((workloads().size() - lacking.size()) * pools.size());
        assertThat(outcome.results())
                .allSatisfy(result -> assertThat(result.nanosPerOperation()).isPositive());
    }

    @Test
    void a_durable_operation_costs_one_line_and_one_fence_and_a_volatile_one_none() {
        List<Subject> subjects = new ArrayList<>(pools());
        subjects.add(Subject.floor());
        List<WorkloadSpec> workloads =
                List.of(WorkloadSpec.of(WorkloadKind.PAIR, 64), WorkloadSpec.of(WorkloadKind.FLOOR, Size.mib(1)));
        Outcome outcome = Campaign.run(plan(workloads, subjects), (done, total, what) -> {});

        assertThat(outcome.results()).hasSize(pools().size() + 1).allSatisfy(result -> {
            double expected = result.subject().isVolatile() ? 0 : 1;
            assertThat(result.linesPerOperation()).hasValue(expected);
            assertThat(result.fencesPerOperation()).hasValue(expected);
        });
    }

    @Test
    void an_allocator_that_is_not_there_is_reported_with_the_reason_and_the_others_are_measured() {
        Subject unknown = new Subject("none such", "", "volatile");
        Subject arena = Rival.ARENA.subject();
        Outcome outcome = Campaign.run(
                plan(List.of(WorkloadSpec.of(WorkloadKind.PAIR, 64)), List.of(unknown, arena)),
                (done, total, what) -> assertThat(done).isLessThan(total));

        assertThat(outcome.notRun())
                .containsExactly(new NotRun(
                        unknown,
                        NotRun.EVERY,
                        "IllegalArgumentException: unknown allocator: found=none such"));
        assertThat(outcome.results()).extracting(Result::subject).containsExactly(arena);
    }

    @Test
    void the_rivals_that_need_no_library_do_their_workloads() {
        List<Subject> rivals = Stream.of(
                        Rival.ARENA, Rival.UNSAFE, Rival.MALLOC, Rival.NETTY_POOLED, Rival.NETTY_ADAPTIVE)
                .map(Rival::subject)
                .toList();
        List<WorkloadSpec> workloads = List.of(
                WorkloadSpec.of(WorkloadKind.PAIR, 64),
                WorkloadSpec.of(WorkloadKind.REALLOCATE, 0),
                WorkloadSpec.of(WorkloadKind.FIRST_TOUCH, Size.kib(64)),
                new WorkloadSpec(WorkloadKind.REMOTE, 256, 2));
        Outcome outcome = Campaign.run(plan(workloads, rivals), (done, total, what) -> {});

        assertThat(outcome.notRun()).isEmpty();
        // An arena can't be resized, and only its own thread can close it.
        assertThat(outcome.results()).hasSize(workloads.size() * rivals.size() - 2);
    }

    @Test
    void every_other_rival_is_measured_or_reported_with_a_reason() {
        List<Subject> rivals = Arrays.stream(Rival.values()).map(Rival::subject).toList();
        Outcome outcome = Campaign.run(
                plan(List.of(WorkloadSpec.of(WorkloadKind.PAIR, 64), WorkloadSpec.of(WorkloadKind.FLOOR, 64)), rivals),
                (done, total, what) -> {});

        List<Subject> seen = new ArrayList<>();
        outcome.results().forEach(result -> seen.add(result.subject()));
        outcome.notRun().forEach(row -> seen.add(row.subject()));
        assertThat(seen).containsExactlyInAnyOrderElementsOf(rivals);
        assertThat(outcome.notRun()).allSatisfy(row -> assertThat(row.reason()).containsAnyOf("not found", "no C"));
    }

    @Test
    void the_loops_of_a_pool_leave_no_garbage() {
        List<WorkloadSpec> workloads = workloads().stream()
                .filter(spec -> WITHOUT_GARBAGE.contains(spec.kind()))
                .toList();
        Outcome outcome = Campaign.run(
                new Plan(workloads, pools(), 1, 20_000_000, 500_000_000, false, Size.mib(256)),
                (done, total, what) -> {});

        assertThat(outcome.results()).hasSize(workloads.size() * pools().size()).allSatisfy(result -> assertThat(
                        result.garbageBytesPerOperation().orElseThrow())
                .as(result.spec().title() + " " + result.subject())
                .isLessThan(0.5));
    }

    private static List<WorkloadSpec> workloads() {
        return Arrays.stream(WorkloadKind.values())
                .map(kind -> new WorkloadSpec(
                        kind, kind.mixedSizes() ? 0 : kind == WorkloadKind.FLOOR ? 64 : 256, kind.needsTwoThreads() ? 2 : 1))
                .toList();
    }

    private static List<Subject> pools() {
        return Providers.policies().stream()
                .map(PolicyProvider::id)
                .flatMap(id -> Stream.of(
                        Subject.pool(id, DurabilityDomain.VOLATILE),
                        Subject.pool(id, DurabilityDomain.FORCED_CACHE_LINE)))
                .toList();
    }

    private static Plan plan(List<WorkloadSpec> workloads, List<Subject> subjects) {
        return new Plan(workloads, subjects, 1, ROUND_NANOS, ROUND_NANOS, false, Size.mib(256));
    }
}
