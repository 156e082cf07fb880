package pmem.testkit.crash;

import java.util.List;
import java.util.Optional;
import pmem.api.Pool;
import pmem.api.PoolOpenException;
import pmem.testkit.region.CrashImages;
import pmem.testkit.region.CrashMoment;
import pmem.testkit.region.SimulatedRegion;

/**
 * Makes a pool and cuts the power at every moment of that. What is left is either recognised as no pool, or as one that was
 * never finished, and can then be made again; or it is the complete, empty pool.
 */
final class CreationRun {
    private final Exploration exploration;
    private final ImageChecker checker;
    private final String repeat;
    private long[] unfinished = {};
    private boolean survived = true;

    CreationRun(Exploration exploration, ImageChecker checker, String repeat) {
        this.exploration = exploration;
        this.checker = checker;
        this.repeat = repeat;
    }

    /** Explores a creation on zeros, and returns the media of the new pool, closed; empty if it could not be created. */
    Optional<StartImage> onZeros() {
        return run(SimulatedRegion.growableWords(
                exploration.target.capacityBytes(), exploration.target.maxCapacityBytes()));
    }

    /**
     * Explores a creation where another one was cut off, amid the remains of a third pool: media that does not read as zero.
     *
     * @param created media of a new pool, whose creation this run has explored
     * @param used media of the same pool after use
     */
    void onRemains(StartImage created, long[] used) {
        if (survived && unfinished.length != 0) {
            long[] words = used.clone();
            for (int i = 0; i < words.length; i++) {
                words[i] = unfinished[i] == created.words()[i] ? words[i] : unfinished[i];
            }
            run(words);
        }
    }

    private Optional<StartImage> run(long[] words) {
        SimulatedRegion region = SimulatedRegion.onMedia(words, exploration.settings.mutation());
        region.record(true);
        CrashMoment start = region.takeMoment();
        Pool pool;
        try {
            pool = exploration.target.create(region);
        } catch (RuntimeException | AssertionError e) {
            exploration.report(violation(region, "creation ended with " + Failures.describe(e)));
            return Optional.empty();
        }
        region.record(false);
        CrashMoment end = region.takeMoment();
        try {
            explore(region, start, end);
        } catch (TrialFailure reported) {
            survived = false;
            region.settle();
        }
        pool.close();
        return Optional.of(StartImage.of(region));
    }

    private Violation violation(SimulatedRegion region, String problem) {
        return new Violation(
                exploration.target.id(),
                List.of("create"),
                List.of("creation of the pool"),
                region.events().stream().map(Object::toString).toList(),
                List.of("no crash is involved"),
                problem,
                repeat,
                Optional.empty());
    }

    private void explore(SimulatedRegion region, CrashMoment start, CrashMoment end) {
        CrashMoment previous = start;
        for (CrashMoment moment : region.moments()) {
            CrashImages images = moment == start || moment == end
                    ? CrashImages.of(region, moment, exploration.settings.torn())
                    : CrashImages.newSince(region, previous, moment, exploration.settings.torn());
            examine(region, images, moment, moment == end);
            previous = moment;
        }
        exploration.coverage.note(region.events());
        region.settle();
    }

    private void examine(SimulatedRegion region, CrashImages images, CrashMoment moment, boolean created) {
        boolean all = images.forEach(exploration.settings.imagesPerEpochMax(), current -> {
            long hash = current.hash();
            boolean fresh = exploration.countImage(hash, "create", Exploration.Origin.ONE_THREAD, false);
            // After the return more is demanded of an image than before.
            if (fresh || created) {
                problem(current, hash, created).ifPresent(problem -> fail(region, current, moment, problem, created));
            }
            return true;
        });
        if (!all) {
            exploration.cappedEpochs.increment();
        }
    }

    private Optional<String> problem(CrashImages images, long hash, boolean created) {
        long[] image = images.build();
        try {
            Pool pool = exploration.target.open(SimulatedRegion.onMedia(image));
            List<String> notes = pool.recovery().notes();
            Failures.closeQuietly(pool);
            if (created && !notes.isEmpty()) {
                return Optional.of("a pool whose creation was complete needed repair: " + notes);
            }
        } catch (PoolOpenException e) {
            boolean notYet = e.reason() == PoolOpenException.Reason.NOT_A_POOL
                    || e.reason() == PoolOpenException.Reason.UNFINISHED;
            if (created || !notYet) {
                return Optional.of("opening ended with " + Failures.describe(e) + ", expected "
                        + (created ? "an empty pool" : "an empty pool, NOT_A_POOL or UNFINISHED"));
            }
            unfinished = image.clone();
            return createdAgain(image);
        } catch (RuntimeException | AssertionError e) {
            return Optional.of("opening ended with " + Failures.describe(e));
        }
        return checker.problem(
                image,
                hash,
                new Expectation(State.EMPTY, created ? Expectation.Left.OPEN : Expectation.Left.BETWEEN),
                Rooms.UNKNOWN,
                true,
                exploration.settings.nestedDepth());
    }

    private Optional<String> createdAgain(long[] image) {
        SimulatedRegion region = SimulatedRegion.onMedia(image);
        try {
            exploration.target.create(region).close();
        } catch (RuntimeException | AssertionError e) {
            return Optional.of("creating it again ended with " + Failures.describe(e));
        }
        long[] words = region.words();
        return checker.problem(
                        words,
                        SimulatedRegion.hashOf(words),
                        new Expectation(State.EMPTY, Expectation.Left.CLOSED),
                        Rooms.UNKNOWN,
                        true,
                        0)
                .map(problem -> "a pool made again there is broken: " + problem);
    }

    private void fail(SimulatedRegion region, CrashImages images, CrashMoment moment, String problem, boolean created) {
        Violation violation = new Violation(
                exploration.target.id(),
                List.of("create"),
                created ? List.of() : List.of("creation of the pool"),
                Failures.eventsUpTo(region, moment),
                images.describe(),
                problem,
                repeat,
                Optional.empty());
        exploration.report(exploration.save(violation, images.build(), images.hash()));
        throw new TrialFailure("crash not survived");
    }
}
