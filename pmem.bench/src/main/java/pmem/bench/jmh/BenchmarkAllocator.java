package pmem.bench.jmh;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;
import pmem.api.DurabilityDomain;
import pmem.api.Size;
import pmem.bench.allocator.AllPolicies;
import pmem.bench.allocator.Allocators;
import pmem.bench.allocator.Setting;
import pmem.bench.allocator.Subject;
import pmem.bench.campaign.ScratchDirectory;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Round;
import pmem.bench.measure.RoundRunner;
import pmem.bench.measure.Workload;
import pmem.bench.measure.WorkloadKind;
import pmem.bench.measure.WorkloadSpec;

/** The pool a benchmark runs on, and the workload's part of each thread. The workload is named by the benchmark's method. */
@State(Scope.Benchmark)
public class BenchmarkAllocator {
    private static final long CAPACITY_BYTES = Size.mib(256);
    private static final long COUNTING_NANOS = 1_000_000;

    /** Id of the policy; {@link JmhMain} takes all that are on the module path. */
    @Param({"bitmap", "buddy", "segregated"})
    public String policy = "bitmap";

    /** Id of the durability domain. */
    @Param({"volatile", "forced-cache-line"})
    public String domain = "volatile";

    /** Whether threads allocate and free by the {@code pool} or each by an {@code access} of its own. */
    @Param("pool")
    public String through = "pool";

    /** Whether every policy is used before, as in a program with several. */
    @Param("false")
    public boolean allPoliciesLoaded;

    @SuppressWarnings("NullAway.Init") // set before the first benchmark
    private ScratchDirectory scratch;

    @SuppressWarnings("NullAway.Init") // set before the first benchmark
    private Allocator allocator;

    private List<? extends Workload> parts = List.of();

    /** For JMH. */
    public BenchmarkAllocator() {}

    /** Opens the pool, on a memory file if the domain needs one. */
    @Setup(Level.Trial)
    public void open(BenchmarkParams parameters) {
        WorkloadKind kind = kindOf(parameters);
        String bytes = parameters.getParam("blockBytes");
        long blockBytes = bytes == null ? 0 : Long.parseLong(bytes);
        int threads = parameters.getThreads();
        scratch = ScratchDirectory.create();
        if (allPoliciesLoaded) {
            AllPolicies.use();
        }
        count(new WorkloadSpec(kind, blockBytes, threads));
        allocator = open(threads, false);
        parts = kind.start(allocator, blockBytes, threads);
    }

    // The method's name in the enum's style: bulkRandom is BULK_RANDOM.
    static WorkloadKind kindOf(BenchmarkParams parameters) {
        String name = parameters.getBenchmark();
        String method = name.substring(name.lastIndexOf('.') + 1);
        return WorkloadKind.valueOf(method.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT));
    }

    // On a pool of its own, for counting takes time.
    private void count(WorkloadSpec spec) {
        if (DurabilityDomain.ofId(domain) == DurabilityDomain.VOLATILE) {
            // A pool asks for write-backs there too, but nothing is done.
            PersistProfiler.set(0, 0);
            return;
        }
        try (Allocator counting = open(spec.threads(), true)) {
            Round round = RoundRunner.run(counting, spec, COUNTING_NANOS);
            PersistProfiler.set(round.linesPerOperation(), round.fencesPerOperation());
        }
    }

    private Allocator open(int threads, boolean countPersists) {
        Path directory = scratch.make(countPersists ? "counting-" : "timed-");
        DurabilityDomain chosen = DurabilityDomain.ofId(domain);
        Subject subject = through.equals("access") ? Subject.access(policy, chosen) : Subject.pool(policy, chosen);
        return Allocators.open(
                subject, new Setting(directory, CAPACITY_BYTES, threads * Workload.SLOTS_STRIDE, countPersists));
    }

    /** Closes the pool and deletes its file. */
    @TearDown(Level.Trial)
    public void close() {
        allocator.close();
        scratch.close();
    }

    Workload part(int thread) {
        return parts.get(thread);
    }
}
