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
    // What is certainly durable, and the changes since the last flush of a pool with group commit.
    private State synced;
    private final List<Change> unsynced = new ArrayList<>();
    private boolean grouped;
    private boolean exploring;
    private Expectation.Left leftDuring = Expectation.Left.OPEN;
    private Expectation.Left leftAfter = Expectation.Left.OPEN;
    /** Calls of the current operation that were crashed in so far, and how the last one left the pool. */
    private int exploredCalls;

    private Expectation.Left leftNow = Expectation.Left.OPEN;

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
        this.synced = State.empty(pool.stats().capacityBytes());
        this.trial = new Trial(this, this::reopen, pool, sizes, Trial.rootNameOf(0), List.of(), 0);
    }

    Trial trial() {
        return trial;
    }

    List<String> names() {
        return List.copyOf(names);
    }

    State state() {
        return synced.after(unsynced);
    }

    boolean isGrouped() {
        return grouped;
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
        exploredCalls = 0;
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

    /** When the changes of a call are durable. */
    private enum Durable {
        AT_RETURN,
        WITH_NEXT_FLUSH,
        WITH_ALL_BEFORE
    }

    @Override
    public List<Change> call(String description, List<Change> attempted, Supplier<List<Change>> body) {
        return perform(description, attempted, body, Durable.AT_RETURN);
    }

    @Override
    public List<Change> groupableCall(String description, List<Change> attempted, Supplier<List<Change>> body) {
        return perform(description, attempted, body, grouped ? Durable.WITH_NEXT_FLUSH : Durable.AT_RETURN);
    }

    @Override
    public void syncCall(String description, Runnable body) {
        Supplier<List<Change>> call = () -> {
            body.run();
            return List.of();
        };
        perform(description, List.of(), call, Durable.WITH_ALL_BEFORE);
    }

    @Override
    public int unsynced() {
        return unsynced.size();
    }

    private List<Change> perform(
            String description, List<Change> attempted, Supplier<List<Change>> body, Durable durable) {
        return exploring ? exploredCall(description, attempted, body, durable) : plainCall(description, body, durable);
    }

    private Pool reopen(Trial closing, boolean withGroupCommit) {
        leftDuring = Expectation.Left.BETWEEN;
        leftAfter = Expectation.Left.CLOSED;
        syncCall("close", () -> closing.pool().close());
        region = region.reopened();
        Pool[] opened = new Pool[1];
        leftAfter = Expectation.Left.OPEN;
        syncCall(withGroupCommit ? "open with group commit" : "open", () -> {
            Region wrapped = wrapper.apply(region);
            opened[0] = withGroupCommit ? exploration.target.openGrouped(wrapped) : exploration.target.open(wrapped);
        });
        leftDuring = Expectation.Left.OPEN;
        grouped = withGroupCommit;
        return opened[0];
    }

    private List<Change> plainCall(String description, Supplier<List<Change>> body, Durable durable) {
        List<Change> changes = attempt(description, body);
        note(changes, durable);
        return changes;
    }

    private void note(List<Change> changes, Durable durable) {
        if (durable == Durable.WITH_ALL_BEFORE) {
            synced = state();
            unsynced.clear();
        }
        if (durable == Durable.WITH_NEXT_FLUSH) {
            unsynced.addAll(changes);
        } else {
            synced = synced.after(changes);
        }
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
                    "the call failed with " + Failures.describe(e) + "; the model has " + state(),
                    repeat,
                    Optional.empty()));
            throw new TrialFailure("call failed: " + description);
        }
    }

    private List<Change> exploredCall(
            String description, List<Change> attempted, Supplier<List<Change>> body, Durable durable) {
        region.settle();
        region.record(true);
        CrashMoment start = region.takeMoment();
        State before = state();
        long[] mediaBefore = region.words();
        List<Change> changes = attempt(description, body);
        region.record(false);
        CrashMoment end = region.takeMoment();
        Rooms rooms = new Rooms(before, mediaBefore, before.after(changes), region.words(), checker::room);
        List<Change> undecided = new ArrayList<>(unsynced);
        undecided.addAll(changes.isEmpty() ? attempted : changes);
        Expectation during = new Expectation(synced, undecided, leftDuring);
        if (exploredCalls++ > 0) {
            // The application may have stored something since the last call.
            CrashImages images = CrashImages.of(region, start, exploration.settings.torn());
            examine(images, new Expectation(synced, unsynced, leftNow), rooms, start, List.of());
        }
        CrashMoment previous = start;
        for (CrashMoment moment : region.moments()) {
            if (moment != start && moment != end) {
                CrashImages images = CrashImages.newSince(region, previous, moment, exploration.settings.torn());
                examine(images, during, rooms, moment, List.of(description));
                previous = moment;
            }
        }
        note(changes, durable);
        CrashImages images = CrashImages.of(region, end, exploration.settings.torn());
        leftNow = leftAfter;
        examine(images, new Expectation(synced, unsynced, leftNow), rooms, end, List.of());
        exploration.coverage.note(region.events());
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
