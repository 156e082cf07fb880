package pmem.tool.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import pmem.api.DurabilityDomain;
import pmem.api.Size;
import pmem.bench.allocator.PolicySetting;
import pmem.bench.allocator.Rival;
import pmem.bench.allocator.Subject;
import pmem.bench.campaign.Plan;
import pmem.bench.measure.WorkloadKind;
import pmem.bench.measure.WorkloadSpec;

/** How much is measured. */
enum BenchScope {
    /** Minutes: one process an allocator, short rounds. */
    QUICK(5, 16, 100, false, Size.mib(512)),
    /** An hour or more: new processes for each workload, more sizes and threads. */
    FULL(9, 300, 1000, true, Size.mib(640));

    private static final List<DurabilityDomain> DOMAINS =
            List.of(DurabilityDomain.FORCED_CACHE_LINE, DurabilityDomain.VOLATILE);
    private static final List<WorkloadKind> REUSE_OF_ONE_SIZE =
            List.of(WorkloadKind.REUSE_LINEAR_FIXED, WorkloadKind.REUSE_FULL_FIXED, WorkloadKind.REUSE_RANDOM_FIXED);
    private static final List<WorkloadKind> REUSE_OF_SIZES = List.of(
            WorkloadKind.REUSE_LINEAR_LIST,
            WorkloadKind.REUSE_FULL_LIST,
            WorkloadKind.REUSE_RANDOM_LIST,
            WorkloadKind.REUSE_LINEAR_RANDOM,
            WorkloadKind.REUSE_FULL_RANDOM,
            WorkloadKind.REUSE_RANDOM_RANDOM);
    // So large that the slots of a thread hold more than any pool of a plan.
    private static final long FILL_BYTES = Size.kib(8);
    /** Most threads of a workload. */
    static final int THREADS_MAX = 64;

    private static final int SCALING_THREADS_MAX = 16;

    private final int rounds;
    private final long roundMillis;
    private final long warmUpMillis;
    private final boolean forkPerWorkload;
    private final long capacityBytes;

    BenchScope(int rounds, long roundMillis, long warmUpMillis, boolean forkPerWorkload, long capacityBytes) {
        this.rounds = rounds;
        this.roundMillis = roundMillis;
        this.warmUpMillis = warmUpMillis;
        this.forkPerWorkload = forkPerWorkload;
        this.capacityBytes = capacityBytes;
    }

    /**
     * Pools of these policies on durable and volatile memory, the policy buddy as an allocator of pages too, the floor, and the rivals if
     * asked for.
     */
    Plan plan(List<String> policyIds, boolean rivals, List<WorkloadSpec> workloads, long poolBytes) {
        List<String> policies = new ArrayList<>(policyIds);
        if (policyIds.contains(PolicySetting.parse(Subject.PAGES).policy())) {
            policies.add(Subject.PAGES);
        }
        List<Subject> subjects = new ArrayList<>();
        for (DurabilityDomain domain : DOMAINS) {
            policies.forEach(policy -> subjects.add(Subject.pool(policy, domain)));
            policies.forEach(policy -> subjects.add(Subject.access(policy, domain)));
            // The time of a durable operation is in its fence.
            if (this == FULL || domain == DurabilityDomain.VOLATILE) {
                policyIds.forEach(
                        policy -> subjects.add(Subject.pool(policy, domain).withAllPoliciesLoaded()));
                policyIds.forEach(
                        policy -> subjects.add(Subject.access(policy, domain).withAllPoliciesLoaded()));
            }
        }
        policyIds.forEach(policy -> subjects.add(Subject.apart(policy)));
        subjects.add(Subject.floor());
        if (rivals) {
            Arrays.stream(Rival.values()).map(Rival::subject).forEach(subjects::add);
        }
        return new Plan(
                workloads,
                subjects,
                rounds,
                TimeUnit.MILLISECONDS.toNanos(roundMillis),
                TimeUnit.MILLISECONDS.toNanos(warmUpMillis),
                forkPerWorkload,
                poolBytes);
    }

    /** Size of each pool. */
    long capacityBytes() {
        return capacityBytes;
    }

    /** How many threads programs run on that can run on several. */
    List<Integer> threads() {
        return List.of(1, 2);
    }

    /**
     * The workloads of this scope; those that are named, also if the scope is too short for them.
     *
     * @param names ids of workloads and programs; if there are none, all
     * @param threads on so many threads each; if there are none, as the scope has them
     */
    List<WorkloadSpec> workloads(List<String> names, List<Integer> threads) {
        List<WorkloadSpec> own = this == QUICK ? quick() : full();
        if (!names.isEmpty()) {
            Set<WorkloadKind> lacking = EnumSet.allOf(WorkloadKind.class);
            own.forEach(spec -> lacking.remove(spec.kind()));
            own = Stream.concat(own.stream(), full().stream().filter(spec -> lacking.contains(spec.kind())))
                    .filter(spec -> names.contains(spec.kind().id()))
                    .toList();
        }
        if (threads.isEmpty()) {
            return own;
        }
        return own.stream()
                .filter(spec -> spec.kind() != WorkloadKind.FLOOR)
                .flatMap(spec -> threads.stream()
                        .map(count -> spec.onThreads(Math.max(count, spec.kind().needsTwoThreads() ? 2 : 1))))
                .distinct()
                .toList();
    }

    private static List<WorkloadSpec> quick() {
        return List.of(
                WorkloadSpec.of(WorkloadKind.FLOOR, 64),
                WorkloadSpec.of(WorkloadKind.FLOOR, Size.mib(1)),
                WorkloadSpec.of(WorkloadKind.FLOOR, Size.gib(1)),
                WorkloadSpec.of(WorkloadKind.PAIR, 64),
                WorkloadSpec.of(WorkloadKind.PAIR, 1024),
                WorkloadSpec.of(WorkloadKind.PAIR, 4096),
                WorkloadSpec.of(WorkloadKind.PAIR, Size.mib(2)),
                WorkloadSpec.of(WorkloadKind.BULK_ORDERED, 64),
                WorkloadSpec.of(WorkloadKind.BULK_RANDOM, 256),
                WorkloadSpec.of(WorkloadKind.BULK_RANDOM, 4096),
                WorkloadSpec.of(WorkloadKind.CHURN, 0),
                WorkloadSpec.of(WorkloadKind.STEPPED, 0),
                WorkloadSpec.of(WorkloadKind.ACCESS, 0),
                WorkloadSpec.of(WorkloadKind.T_TEST, 1024),
                WorkloadSpec.of(WorkloadKind.REUSE_FULL_RANDOM, 0),
                WorkloadSpec.of(WorkloadKind.BATCH, 64),
                WorkloadSpec.of(WorkloadKind.PUBLISH, 64),
                WorkloadSpec.of(WorkloadKind.LINK, 64),
                WorkloadSpec.of(WorkloadKind.TRANSACTION, 64),
                WorkloadSpec.of(WorkloadKind.TRANSACTION_BATCH, 64),
                WorkloadSpec.of(WorkloadKind.REALLOCATE, 0),
                WorkloadSpec.of(WorkloadKind.LARGE, Size.mib(1)),
                WorkloadSpec.of(WorkloadKind.FIRST_TOUCH, Size.kib(64)),
                WorkloadSpec.of(WorkloadKind.FILL_50, FILL_BYTES),
                WorkloadSpec.of(WorkloadKind.FILL_90, FILL_BYTES),
                WorkloadSpec.of(WorkloadKind.FILL_99, FILL_BYTES),
                new WorkloadSpec(WorkloadKind.PAIR, 64, 2),
                new WorkloadSpec(WorkloadKind.PAIR, 4096, 2),
                new WorkloadSpec(WorkloadKind.BULK_RANDOM, 256, 2),
                new WorkloadSpec(WorkloadKind.REMOTE, 256, 2),
                new WorkloadSpec(WorkloadKind.LARSON, 64, 2));
    }

    private static List<WorkloadSpec> full() {
        List<WorkloadSpec> workloads = new ArrayList<>();
        add(workloads, WorkloadKind.FLOOR, 64, Size.mib(1), Size.gib(1));
        add(workloads, WorkloadKind.PAIR, 64, 256, 1024, 4096, Size.kib(64), Size.mib(2));
        add(workloads, WorkloadKind.BULK_ORDERED, 64, 1024);
        add(workloads, WorkloadKind.BULK_RANDOM, 64, 256, 4096);
        add(workloads, WorkloadKind.BULK_STEPPED, 0);
        add(workloads, WorkloadKind.BULK_INVERSE_SQUARE, 0);
        add(workloads, WorkloadKind.CHURN, 0);
        add(workloads, WorkloadKind.STEPPED, 0);
        add(workloads, WorkloadKind.ACCESS, 0);
        add(workloads, WorkloadKind.T_TEST, 64, 1024, Size.kib(16), Size.mib(2));
        add(workloads, WorkloadKind.T_TEST_TOUCH, 1024, Size.kib(16), Size.mib(2));
        for (WorkloadKind kind : REUSE_OF_ONE_SIZE) {
            add(workloads, kind, 256);
        }
        for (WorkloadKind kind : REUSE_OF_SIZES) {
            add(workloads, kind, 0);
        }
        add(workloads, WorkloadKind.BATCH, 64, 1024);
        add(workloads, WorkloadKind.PUBLISH, 64, 4096);
        add(workloads, WorkloadKind.LINK, 64, 4096);
        add(workloads, WorkloadKind.TRANSACTION, 64, 4096);
        add(workloads, WorkloadKind.TRANSACTION_BATCH, 64, 256);
        add(workloads, WorkloadKind.REALLOCATE, 0);
        add(workloads, WorkloadKind.LARGE, Size.kib(64), Size.mib(1), Size.mib(16));
        add(workloads, WorkloadKind.FIRST_TOUCH, Size.kib(64), Size.mib(1));
        add(workloads, WorkloadKind.FILL_50, FILL_BYTES);
        add(workloads, WorkloadKind.FILL_90, FILL_BYTES);
        add(workloads, WorkloadKind.FILL_99, FILL_BYTES);
        // Two threads at least, also on one processor: then they take turns.
        int threadsMax = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, SCALING_THREADS_MAX);
        for (int threads = 2; threads <= threadsMax; threads *= 2) {
            workloads.add(new WorkloadSpec(WorkloadKind.PAIR, 64, threads));
            workloads.add(new WorkloadSpec(WorkloadKind.PAIR, 4096, threads));
            workloads.add(new WorkloadSpec(WorkloadKind.BULK_RANDOM, 256, threads));
            workloads.add(new WorkloadSpec(WorkloadKind.LARSON, 64, threads));
            workloads.add(new WorkloadSpec(WorkloadKind.T_TEST, 1024, threads));
        }
        workloads.add(new WorkloadSpec(WorkloadKind.CHURN, 0, 2));
        workloads.add(new WorkloadSpec(WorkloadKind.REMOTE, 256, 2));
        return workloads;
    }

    private static void add(List<WorkloadSpec> workloads, WorkloadKind kind, long... sizes) {
        for (long bytes : sizes) {
            workloads.add(WorkloadSpec.of(kind, bytes));
        }
    }
}
