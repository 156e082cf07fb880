package pmem.bench.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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
    private static final Set<WorkloadKind> COUNTED =
            EnumSet.of(WorkloadKind.PAIR, WorkloadKind.CHURN, WorkloadKind.FLOOR);
    private static final Set<WorkloadKind> RIVALS_DO = EnumSet.of(
            WorkloadKind.PAIR,
            WorkloadKind.PUBLISH,
            WorkloadKind.LINK,
            WorkloadKind.TRANSACTION,
            WorkloadKind.BATCH,
            WorkloadKind.TRANSACTION_BATCH,
            WorkloadKind.STEPPED,
            WorkloadKind.ACCESS,
            WorkloadKind.T_TEST,
            WorkloadKind.REUSE_FULL_LIST,
            WorkloadKind.REUSE_RANDOM_RANDOM,
            WorkloadKind.REMOTE,
            WorkloadKind.REALLOCATE,
            WorkloadKind.FIRST_TOUCH,
            WorkloadKind.CHURN,
            WorkloadKind.FLOOR);

    @Test
    void every_policy_does_every_workload_of_a_pool() {
        List<Subject> pools = pools(DurabilityDomain.VOLATILE);
        Outcome outcome = run(workloads(), pools);

        assertThat(outcome.notRun()).isEmpty();
        int lacking = 1;
        assertThat(outcome.results()).hasSize((workloads().size() - lacking) * pools.size());
        assertThat(outcome.results()).allSatisfy(result -> {
            assertThat(result.nanosPerOperation()).isPositive();
            assertThat(result.linesPerOperation()).hasValue(0);
        });
    }

    @Test
    void a_durable_pair_or_churn_costs_a_line_and_a_fence_an_operation() {
        List<Subject> subjects = new ArrayList<>(pools(DurabilityDomain.FORCED_CACHE_LINE));
        subjects.add(Subject.floor());
        List<WorkloadSpec> workloads = workloads().stream()
                .filter(spec -> COUNTED.contains(spec.kind()))
                .toList();
        Outcome outcome = run(workloads, subjects);

        assertThat(outcome.notRun()).isEmpty();
        assertThat(outcome.results()).hasSize((COUNTED.size() - 1) * (subjects.size() - 1) + 1);
        // A new slab or arena costs some more, and a round in which the machine does other work has few operations.
        assertThat(outcome.results()).allSatisfy(result -> {
            assertThat(result.nanosPerOperation()).isPositive();
            assertThat(result.linesPerOperation().orElseThrow()).isBetween(1.0, 1.5);
            assertThat(result.fencesPerOperation().orElseThrow()).isBetween(1.0, 1.5);
        });
    }

    @Test
    void threads_with_accesses_of_their_own_do_the_workloads_in_which_they_differ() {
        List<Subject> subjects = Providers.policies().stream()
                .map(PolicyProvider::id)
                .flatMap(id -> Stream.of(
                        Subject.access(id, DurabilityDomain.FORCED_CACHE_LINE),
                        Subject.access(id, DurabilityDomain.VOLATILE).withAllPoliciesLoaded()))
                .toList();
        Outcome outcome = run(workloads(), subjects);

        assertThat(outcome.notRun()).isEmpty();
        assertThat(subjects)
                .allSatisfy(subject -> assertThat(kindsOf(outcome, subject))
                        .containsExactlyInAnyOrder(
                                WorkloadKind.PAIR,
                                WorkloadKind.BULK_ORDERED,
                                WorkloadKind.BULK_RANDOM,
                                WorkloadKind.CHURN,
                                WorkloadKind.REMOTE));
    }

    @Test
    void threads_with_pools_of_their_own_do_the_workloads_of_several_threads_and_pages_those_of_pages() {
        Subject apart = Subject.apart("buddy");
        Subject pages = Subject.access(Subject.PAGES, DurabilityDomain.VOLATILE);
        List<WorkloadSpec> specs = List.of(
                WorkloadSpec.of(WorkloadKind.PAIR, 256),
                WorkloadSpec.of(WorkloadKind.PAIR, 4096),
                new WorkloadSpec(WorkloadKind.PAIR, 256, 2),
                new WorkloadSpec(WorkloadKind.CHURN, 0, 2));
        Outcome outcome = run(specs, List.of(apart, pages));

        assertThat(outcome.notRun()).isEmpty();
        assertThat(outcome.results())
                .extracting(result ->
                        result.subject().title() + ", " + result.spec().title())
                .containsExactlyInAnyOrder(
                        "pmem apart buddy, pair 256 B x2",
                        "pmem apart buddy, churn x2",
                        "pmem access buddy unitBytes=4096, pair 4 KiB");
    }

    @Test
    void every_rival_is_measured_or_reported_with_what_it_lacks() {
        List<Subject> rivals = Arrays.stream(Rival.values()).map(Rival::subject).toList();
        List<WorkloadSpec> workloads = workloads().stream()
                .filter(spec -> RIVALS_DO.contains(spec.kind()))
                .toList();
        Outcome outcome = run(workloads, rivals);

        assertThat(outcome.notRun()).allSatisfy(row -> {
            assertThat(row.workload()).isEqualTo(NotRun.EVERY);
            assertThat(row.reason()).contains("install Debian package");
        });
        assertThat(rivals)
                .allSatisfy(rival -> assertThat(kindsOf(outcome, rival).isEmpty())
                        .as(rival.title() + " is either measured or reported")
                        .isEqualTo(outcome.notRun().stream()
                                .anyMatch(row -> row.subject().equals(rival))));
        assertThat(kindsOf(outcome, Rival.ARENA.subject()))
                .contains(WorkloadKind.PAIR, WorkloadKind.CHURN)
                .as("only its own thread can close an arena, and nobody resize it")
                .doesNotContain(WorkloadKind.REMOTE, WorkloadKind.REALLOCATE);
        assertThat(kindsOf(outcome, Rival.MALLOC.subject()))
                .contains(WorkloadKind.PAIR, WorkloadKind.REMOTE, WorkloadKind.REALLOCATE, WorkloadKind.FIRST_TOUCH);
    }

    @Test
    void an_allocator_that_is_not_there_is_reported_with_the_reason_and_the_others_are_measured() {
        Subject unknown = new Subject("none such", "", "volatile");
        Subject unsafe = Rival.UNSAFE.subject();
        List<Long> steps = new ArrayList<>();
        Plan plan = new Plan(
                List.of(WorkloadSpec.of(WorkloadKind.PAIR, 64)),
                List.of(unknown, unsafe),
                3,
                10_000_000,
                100_000_000,
                true,
                Size.mib(256));
        Outcome outcome = Campaign.run(plan, (done, total, what) -> {
            assertThat(total).isEqualTo(8);
            steps.add(done);
        });

        assertThat(outcome.notRun())
                .containsExactly(new NotRun(
                        unknown, NotRun.EVERY, "IllegalArgumentException: unknown allocator: found=none such"));
        assertThat(outcome.results()).extracting(Result::subject).containsExactly(unsafe);
        assertThat(steps).isSorted().endsWith(7L);
        assertThat(outcome.results().getFirst().garbageBytesPerOperation().orElseThrow())
                .as("bytes of garbage of an operation, an object is 16 or more")
                .isLessThan(4);
    }

    private static Set<WorkloadKind> kindsOf(Outcome outcome, Subject subject) {
        return outcome.results().stream()
                .filter(result -> result.subject().equals(subject))
                .map(result -> result.spec().kind())
                .collect(Collectors.toSet());
    }

    private static Outcome run(List<WorkloadSpec> workloads, List<Subject> subjects) {
        Plan plan = new Plan(workloads, subjects, 1, ROUND_NANOS, ROUND_NANOS, false, Size.mib(256));
        return Campaign.run(plan, (done, total, what) -> {});
    }

    private static long blockBytes(WorkloadKind kind) {
        return switch (kind) {
            case FLOOR -> 64;
            case FILL_50, FILL_90, FILL_99 -> 8192;
            default -> 256;
        };
    }

    private static List<WorkloadSpec> workloads() {
        return Arrays.stream(WorkloadKind.values())
                .map(kind -> new WorkloadSpec(
                        kind, kind.mixedSizes() ? 0 : blockBytes(kind), kind.needsTwoThreads() ? 2 : 1))
                .toList();
    }

    private static List<Subject> pools(DurabilityDomain domain) {
        return Providers.policies().stream()
                .map(policy -> Subject.pool(policy.id(), domain))
                .toList();
    }
}
