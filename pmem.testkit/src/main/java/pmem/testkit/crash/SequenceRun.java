package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.spi.Region;
import pmem.testkit.region.CrashImages;
import pmem.testkit.region.CrashMoment;
import pmem.testkit.region.SimulatedRegion;

/**
 * One sequence of operations on one pool, by one thread. The crashes inside all but the last operations belong to shorter
 * sequences and are explored there.
 */
final class SequenceRun implements CallSink {
    private final Exploration exploration;
    private final ImageChecker checker;
    private final String repeat;
    private final List<String> names = new ArrayList<>();
    private final Trial trial;
    private final UnaryOperator<Region> wrapper;
    private SimulatedRegion region;
    private State state = State.EMPTY;
    private boolean exploring;
    private Expectation.Left leftDuring = Expectation.Left.OPEN;
    private Expectation.Left leftAfter = Expectation.Left.OPEN;

    SequenceRun(Exploration exploration, ImageChecker checker, StartImage start, Sizes sizes, String repeat) {
        this(exploration, checker, start, sizes, repeat, region -> region);
    }

    /** A run whose pool sees the region through a wrapper. */
    SequenceRun(
            Exploration exploration,
            ImageChecker checker,
            StartImage start,
            Sizes sizes,
            String repeat,
            UnaryOperator<Region> wrapper) {
        this.exploration = exploration;
        this.checker = checker;
        this.repeat = repeat;
        this.region = SimulatedRegion.onMedia(start.words(), start.hash(), exploration.settings.mutation());
        this.wrapper = wrapper;
        Pool pool = exploration.target.open(wrapper.apply(region));
        this.trial = new Trial(this, this::reopen, pool, sizes, Trial.rootNameOf(0), List.of(), 0);
    }

    Trial trial() {
        return trial;
    }

    List<String> names() {
        return List.copyOf(names);
    }

    State state() {
        return state;
    }

    SimulatedRegion region() {
        return region;
    }

    /**
     * Runs one operation.
     *
     * @param explore whether to crash in it
     * @return whether it was applicable
     * @throws TrialFailure if something was found wrong
     */
    boolean run(Operation operation, boolean explore) {
        if (!operation.applicable(trial)) {
            return false;
        }
        names.add(operation.name());
        exploring = explore;
        operation.run(trial);
        return true;
    }

    /** Closes the pool. */
    void close() {
        trial.pool().close();
    }

    /** Gives the pool up after a failure. */
    void abandon() {
        Failures.closeQuietly(trial.pool());
    }

    @Override
    public List<Change> call(String description, List<Change> attempted, Supplier<List<Change>> body) {
        return exploring ? exploredCall(description, attempted, body) : plainCall(description, body);
    }

    private Pool reopen(Trial closing) {
        leftDuring = Expectation.Left.BETWEEN;
        leftAfter = Expectation.Left.CLOSED;
        call("close", List.of(), () -> {
            closing.pool().close();
            return List.of();
        });
        region = region.reopened();
        Pool[] opened = new Pool[1];
        leftAfter = Expectation.Left.OPEN;
        call("open", List.of(), () -> {
            opened[0] = exploration.target.open(wrapper.apply(region));
            return List.of();
        });
        leftDuring = Expectation.Left.OPEN;
        return opened[0];
    }

    private List<Change> plainCall(String description, Supplier<List<Change>> body) {
        List<Change> changes = attempt(description, body);
        state = state.after(changes);
        return changes;
    }

    private List<Change> attempt(String description, Supplier<List<Change>> body) {
        try {
            return body.get();
        } catch (OutOfSpaceException full) {
            return List.of();
        } catch (RuntimeException | AssertionError e) {
            exploration.report(new Violation(
                    exploration.target.id(),
                    names,
                    List.of(description),
                    List.of(),
                    List.of("no crash is involved"),
                    "the call failed with " + Failures.describe(e) + "; the model has " + state,
                    repeat,
                    Optional.empty()));
            throw new TrialFailure("call failed: " + description);
        }
    }

    private List<Change> exploredCall(String description, List<Change> attempted, Supplier<List<Change>> body) {
        region.settle();
        region.record(true);
        CrashMoment start = region.takeMoment();
        long[] mediaBefore = region.words();
        List<Change> changes = attempt(description, body);
        region.record(false);
        CrashMoment end = region.takeMoment();
        State after = state.after(changes);
        Rooms rooms = new Rooms(state, mediaBefore, after, region.words(), checker::room);
        Expectation during = new Expectation(state, changes.isEmpty() ? attempted : changes, leftDuring);
        CrashMoment previous = start;
        for (CrashMoment moment : region.moments()) {
            if (moment != start && moment != end) {
                CrashImages images = CrashImages.newSince(region, previous, moment, exploration.settings.torn());
                examine(images, during, rooms, moment, List.of(description));
                previous = moment;
            }
        }
        CrashImages images = CrashImages.of(region, end, exploration.settings.torn());
        examine(images, new Expectation(after, leftAfter), rooms, end, List.of());
        exploration.coverage.note(region.events());
        state = after;
        region.settle();
        return changes;
    }

    private void examine(
            CrashImages images, Expectation expectation, Rooms rooms, CrashMoment moment, List<String> inFlight) {
        boolean all = images.forEach(exploration.settings.imagesPerEpochMax(), current -> {
            long hash = current.hash();
            boolean fresh = exploration.countImage(hash, names.getLast(), Exploration.Origin.ONE_THREAD, false);
            if (exploration.isNewDemand(hash, expectation, exploration.settings.nestedDepth())) {
                checker.problem(current.build(), hash, expectation, rooms, fresh, exploration.settings.nestedDepth())
                        .ifPresent(problem -> fail(current, expectation, rooms, moment, inFlight));
            }
            return true;
        });
        if (!all) {
            exploration.cappedEpochs.increment();
        }
    }

    private void fail(
            CrashImages images, Expectation expectation, Rooms rooms, CrashMoment moment, List<String> inFlight) {
        FailingImage smallest = FailingImage.minimise(
                images,
                image -> checker.forgetful()
                        .problem(
                                image.build(),
                                image.hash(),
                                expectation,
                                rooms,
                                true,
                                exploration.settings.nestedDepth()));
        Violation violation = new Violation(
                exploration.target.id(),
                names,
                inFlight,
                Failures.eventsUpTo(region, moment),
                images.describe(),
                smallest.problem(),
                repeat,
                Optional.empty());
        exploration.report(exploration.save(violation, images.build(), images.hash()));
        throw new TrialFailure("crash not survived");
    }
}
