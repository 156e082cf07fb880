package pmem.testkit.property;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.sessions.JqwikSession;
import pmem.api.Pool;
import pmem.testkit.contract.PoolHome;
import pmem.testkit.contract.PoolSetting;
import pmem.testkit.contract.Seeded;

/** Tries random sequences on the pools of one setting, and shrinks the first that breaks a law. */
final class Campaign {
    /** A sequence that breaks a law, what it did, and how it ended. */
    private record Broken(Sequence sequence, List<String> trace, Throwable failure) {}

    private static final int SHRINK_ATTEMPTS_MAX = 1000;
    private static final int GENERATED_SIZE_HINT = 1000;

    private final Class<?> testClass;
    private final PoolSetting setting;
    private final UnaryOperator<Pool> decorator;
    private final FreshFigures fresh;
    private int shrinkAttempts;

    Campaign(Class<?> testClass, PoolSetting setting, UnaryOperator<Pool> decorator) {
        this.testClass = testClass;
        this.setting = setting;
        this.decorator = decorator;
        this.fresh = FreshFigures.measure(setting);
    }

    /**
     * Tries this many sequences, the first made from the seed, each next one from the next number.
     *
     * @throws AssertionError with the shrunk sequence and the command that repeats it
     */
    void run(long seed, int tries) {
        JqwikSession.start();
        try {
            RandomGenerator<Action> generator = newGenerator();
            for (int i = 0; i < tries; i++) {
                Optional<Broken> broken = attempt(Sequence.generate(generator, new Random(seed + i)));
                if (broken.isPresent()) {
                    throw report(broken.get(), shrink(broken.get()), seed + i, i + 1);
                }
                JqwikSession.finishTry();
            }
        } finally {
            JqwikSession.finish();
        }
    }

    // One thread at a time: what jqwik keeps for all generators comes to be with the first, and not for two threads at
    // once.
    private static RandomGenerator<Action> newGenerator() {
        synchronized (Campaign.class) {
            return ActionArbitraries.actions().generator(GENERATED_SIZE_HINT);
        }
    }

    private Optional<Broken> attempt(Sequence sequence) {
        try (PoolHome home = new PoolHome(setting, decorator)) {
            Execution execution = new Execution(home, fresh);
            try {
                execution.run(sequence.actions());
                return Optional.empty();
            } catch (RuntimeException | AssertionError failure) {
                return Optional.of(new Broken(sequence, execution.trace(), failure));
            }
        }
    }

    // Takes the first smaller sequence that still breaks a law, whichever, until none does or the attempts are used up.
    private Broken shrink(Broken broken) {
        Broken smallest = broken;
        Optional<Broken> smaller = Optional.of(broken);
        while (smaller.isPresent()) {
            smallest = smaller.get();
            smaller = firstSmaller(smallest.sequence());
        }
        return smallest;
    }

    private Optional<Broken> firstSmaller(Sequence sequence) {
        return sequence.smaller()
                .takeWhile(candidate -> shrinkAttempts++ < SHRINK_ATTEMPTS_MAX)
                .map(this::attempt)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private AssertionError report(Broken first, Broken smallest, long seed, int tried) {
        StringBuilder text = new StringBuilder();
        text.append(setting).append(" breaks a law in sequence ").append(tried).append(":%n".formatted());
        text.append(smallest.failure().getMessage()).append("%n".formatted());
        text.append("smallest sequence found, ")
                .append(smallest.sequence().steps().size())
                .append(" of ")
                .append(first.sequence().steps().size())
                .append(" steps:%n".formatted());
        for (int i = 0; i < smallest.trace().size(); i++) {
            text.append("%4d  %s%n".formatted(i + 1, smallest.trace().get(i)));
        }
        text.append("repeat with: ")
                .append(Seeded.command(testClass, seed, "-Dpmem.tries=1 -Dpmem.policy=" + setting.policy()));
        return new AssertionError(text.toString(), smallest.failure());
    }
}
