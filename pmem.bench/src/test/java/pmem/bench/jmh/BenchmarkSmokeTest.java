package pmem.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Workload;
import pmem.bench.measure.WorkloadKind;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;

/** Runs every benchmark once, with tiny figures, so that none can rot. */
class BenchmarkSmokeTest {
    private static final List<Class<?>> BENCHMARKS =
            List.of(FixedSizeBenchmark.class, BulkBenchmark.class, MixedSizeBenchmark.class, LargeBenchmark.class);

    @Test
    void every_benchmark_runs_on_every_policy() throws RunnerException {
        String[] policies =
                Providers.policies().stream().map(PolicyProvider::id).toArray(String[]::new);
        Collection<RunResult> results = run("volatile", policies);
        assertThat(results).hasSize((int) benchmarks().count() * policies.length);
        assertThat(results)
                .allSatisfy(result ->
                        assertThat(result.getPrimaryResult().getScore()).isPositive());
    }

    @Test
    void benchmarks_run_through_accesses_with_every_policy_loaded() throws RunnerException {
        Collection<RunResult> results = new Runner(options("volatile", "segregated")
                        .param("through", "access")
                        .param("allPoliciesLoaded", "true")
                        .include("BulkBenchmark")
                        .build())
                .run();
        assertThat(results)
                .hasSize(2)
                .allSatisfy(result ->
                        assertThat(result.getPrimaryResult().getScore()).isPositive());
    }

    @Test
    void a_benchmark_on_durable_memory_prints_its_lines_and_fences() throws RunnerException {
        Collection<RunResult> results = run("forced-cache-line", "buddy");
        assertThat(results)
                .hasSize((int) benchmarks().count())
                .allSatisfy(result ->
                        assertThat(secondary(result, "persist.fences")).isPositive());
        assertThat(results)
                .filteredOn(result -> result.getParams().getBenchmark().endsWith(".pair"))
                .singleElement()
                .satisfies(result -> {
                    assertThat(secondary(result, "persist.lines")).isEqualTo(1);
                    assertThat(secondary(result, "persist.fences")).isEqualTo(1);
                });
    }

    private static double secondary(RunResult result, String name) {
        return Objects.requireNonNull(result.getSecondaryResults().get(name), name)
                .getScore();
    }

    @ParameterizedTest
    @MethodSource("benchmarks")
    void the_operations_a_benchmark_declares_are_those_it_does(Method benchmark) {
        WorkloadKind kind = WorkloadKind.valueOf(
                benchmark.getName().replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT));
        Workload part =
                kind.start(new IdleAllocator(), kind.mixedSizes() ? 0 : 64, 1).getFirst();
        part.setUp();
        assertThat(part.chunk())
                .isEqualTo(
                        benchmark.getAnnotation(OperationsPerInvocation.class).value());
    }

    private static Stream<Method> benchmarks() {
        return BENCHMARKS.stream()
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Benchmark.class));
    }

    private static Collection<RunResult> run(String domain, String... policies) throws RunnerException {
        ChainedOptionsBuilder options = options(domain, policies);
        BENCHMARKS.forEach(type -> options.include(type.getName()));
        return new Runner(options.build()).run();
    }

    private static ChainedOptionsBuilder options(String domain, String... policies) {
        return new OptionsBuilder()
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(1))
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .param("policy", policies)
                .param("domain", domain)
                .param("blockBytes", "64")
                .addProfiler(PersistProfiler.class);
    }

    /** Does nothing at all. */
    private static final class IdleAllocator implements Allocator {
        @Override
        public java.util.Set<pmem.bench.measure.Capability> capabilities() {
            return java.util.Set.of();
        }

        @Override
        public void allocate(int slot, long bytes) {}

        @Override
        public void free(int slot) {}

        @Override
        public void allocateAll(int firstSlot, int count, long bytes) {}

        @Override
        public void freeAll(int firstSlot, int count) {}

        @Override
        public void allocatePublished(int slot, long bytes) {}

        @Override
        public void allocateAllInTransaction(int firstSlot, int count, long bytes) {}

        @Override
        public void freeAllInTransaction(int firstSlot, int count) {}

        @Override
        public void allocateLinked(int slot, long bytes) {}

        @Override
        public void freeLinked(int slot) {}

        @Override
        public void fill(int slot, java.lang.foreign.MemorySegment content, long bytes) {}

        @Override
        public boolean holds(int slot, java.lang.foreign.MemorySegment content, long bytes) {
            return true;
        }

        @Override
        public void allocateInTransaction(int slot, long bytes) {}

        @Override
        public void freeInTransaction(int slot) {}

        @Override
        public void reallocate(int slot, long oldBytes, long newBytes) {}

        @Override
        public void touch(int slot, long bytes) {}

        @Override
        public void close() {}
    }
}
