package pmem.testkit.crash;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import pmem.spi.PolicyProvider;
import pmem.testkit.region.Mutation;

/**
 * Proves that a pool survives power cuts: by trying them all, on tiny pools, for all short sequences of operations.
 *
 * <pre>{@code
 * ExplorerReport report = CrashExplorer.of("my-policy").length(4).threads(2).run(progress -> {});
 * assertThat(report.violations()).isEmpty();
 * }</pre>
 *
 * <p>An explorer is a set of choices; it is immutable, each method returns a changed copy, and {@link #run} may be called by
 * any number of threads.
 */
public final class CrashExplorer {
    /** Where an exploration stands. */
    public record Progress(String stage, double share, long distinctImages) {}

    /** Makes the target once the parameters are known. */
    private interface Targets {
        CrashTarget of(Map<String, Long> parameters, long capacityBytes);
    }

    private final Targets targets;
    private final String named;
    private final Map<String, Long> parameters;
    private final long capacityBytes;
    private final Optional<Sizes> sizes;
    private final ExplorerSettings settings;

    private CrashExplorer(
            Targets targets,
            String named,
            Map<String, Long> parameters,
            long capacityBytes,
            Optional<Sizes> sizes,
            ExplorerSettings settings) {
        this.targets = targets;
        this.named = named;
        this.parameters = parameters;
        this.capacityBytes = capacityBytes;
        this.sizes = sizes;
        this.settings = settings;
    }

    private static CrashExplorer of(Targets targets, String named) {
        return new CrashExplorer(targets, named, Map.of(), 0, Optional.empty(), ExplorerSettings.defaults());
    }

    /** Explores pools of a policy on the module path, with the smallest parameters it allows. */
    public static CrashExplorer of(String policyId) {
        return of((parameters, bytes) -> PolicyTarget.of(policyId, parameters, bytes), "\"" + policyId + "\"");
    }

    /** As {@link #of(String)}, for a policy that need not be on the module path. */
    public static CrashExplorer of(PolicyProvider policy) {
        return of(
                (parameters, bytes) -> PolicyTarget.of(policy, parameters, bytes),
                "new " + policy.getClass().getSimpleName() + "()");
    }

    /** Explores pools of another kind. */
    public static CrashExplorer of(CrashTarget target) {
        return of((parameters, bytes) -> target, target.id());
    }

    private CrashExplorer with(ExplorerSettings changed) {
        return new CrashExplorer(targets, named, parameters, capacityBytes, sizes, changed);
    }

    /** Sets a parameter of the policy; left alone, the explorer takes small values. */
    public CrashExplorer parameter(String name, long value) {
        Map<String, Long> changed = new TreeMap<>(parameters);
        changed.put(name, value);
        return new CrashExplorer(targets, named, changed, capacityBytes, sizes, settings);
    }

    /** Sets the size of the pools in bytes; left alone, it is small. */
    public CrashExplorer capacityBytes(long bytes) {
        return new CrashExplorer(targets, named, parameters, bytes, sizes, settings);
    }

    /** Sets the sizes of blocks. */
    public CrashExplorer sizes(Sizes chosen) {
        return new CrashExplorer(targets, named, parameters, capacityBytes, Optional.of(chosen), settings);
    }

    /** Explores all sequences up to this length; default 3. */
    public CrashExplorer length(int operations) {
        return with(settings.withLength(operations));
    }

    /** Explores random sequences as well, {@code count} of them, {@code operations} long, from a seed; default none. */
    public CrashExplorer random(int count, int operations, long seed) {
        return with(settings.withRandom(count, operations, seed));
    }

    /** Runs a scenario under random schedules as well, {@code count} of them, from a seed; default none. */
    public CrashExplorer randomSchedules(int count, long seed) {
        return with(settings.withRandomSchedules(count, seed));
    }

    /** Whether words of one line may reach media in any order; default not. */
    public CrashExplorer torn(boolean tornWords) {
        return with(settings.withTorn(tornWords));
    }

    /** Explores pairs of operations on two threads as well if this is 2; default 1. */
    public CrashExplorer threads(int count) {
        return with(settings.withThreads(count));
    }

    /** Sets how often a running thread is stopped in favour of the other in one schedule; default 1. */
    public CrashExplorer preemptions(int most) {
        return with(settings.withPreemptions(most));
    }

    /** Stops when this many distinct images have been met; default no bound. */
    public CrashExplorer imagesMax(long distinctImages) {
        return with(settings.withImagesMax(distinctImages));
    }

    /** Takes a sample of an epoch that has more images than this; default 20,000. */
    public CrashExplorer imagesPerEpochMax(long images) {
        return with(settings.withImagesPerEpochMax(images));
    }

    /** Sets how many crashes inside recoveries follow one another; default 2. */
    public CrashExplorer nestedDepth(int depth) {
        return with(settings.withNestedDepth(depth));
    }

    /** Stops when this many violations of different cause were found; default 8. */
    public CrashExplorer violationsMax(int count) {
        return with(settings.withViolationsMax(count));
    }

    /** Whether a crash must not cost room for blocks, which policies may leave unpromised; default yes. */
    public CrashExplorer sameCapacity(boolean promised) {
        return with(settings.withSameCapacity(promised));
    }

    /** Sets how many worker threads explore; default one for each core. */
    public CrashExplorer workers(int count) {
        return with(settings.withWorkers(count));
    }

    /** Sets the alphabet; default {@link Operations#all}. */
    public CrashExplorer operations(List<Operation> alphabet) {
        return with(settings.withOperations(alphabet));
    }

    /** Leaves out or misplaces a write-back or fence everywhere, to show that this is noticed. */
    public CrashExplorer mutating(Mutation mutation) {
        return with(settings.withMutation(mutation));
    }

    /** Saves failing images and their stories in a directory, made if need be; default not saved. */
    public CrashExplorer saveFailuresIn(Path directory) {
        return with(settings.withFailures(directory));
    }

    /**
     * Explores.
     *
     * @param listener told now and then, on any worker's thread, how far it is
     */
    public ExplorerReport run(Consumer<Progress> listener) {
        CrashTarget chosen = targets.of(parameters, capacityBytes);
        Sizes chosenSizes = sizes.orElseGet(() -> Sizes.forCapacity(chosen.capacityBytes()));
        return new ExplorerRun(new Exploration(chosen, settings), chosenSizes, listener, repeat()).run();
    }

    /**
     * Explores one scenario: under all schedules with at most as many {@link #preemptions} as set, and the random ones asked
     * for. The power is cut at every step; after each schedule the pool is verified as it is, too.
     *
     * @param listener told at each schedule how far it is
     */
    public ExplorerReport run(Scenario scenario, Consumer<Progress> listener) {
        CrashTarget chosen = targets.of(parameters, capacityBytes);
        Sizes chosenSizes = sizes.orElseGet(() -> Sizes.forCapacity(chosen.capacityBytes()));
        return new ScenarioSearch(new Exploration(chosen, settings), chosenSizes, scenario, listener, repeat()).run();
    }

    private String repeat() {
        return "CrashExplorer.of(" + named + ")" + settings.repeat();
    }
}
