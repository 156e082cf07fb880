package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import pmem.api.Finding;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.RecoveryReport;
import pmem.testkit.region.CrashImages;
import pmem.testkit.region.CrashMoment;
import pmem.testkit.region.SimulatedRegion;

/** Recovers an image and says what is wrong with the result. Thread-safe. */
final class ImageChecker {
    private static final int FILL_BLOCKS_MAX = 1 << 16;

    private final Exploration exploration;
    private final CrashTarget target;
    private final Sizes sizes;
    private final Exploration.Origin origin;
    private final boolean remembering;

    /**
     * A checker.
     *
     * @param origin what the images of crashes inside recoveries count as
     * @param remembering whether images inside recoveries that were checked before are left out; not to explain a failure
     */
    ImageChecker(Exploration exploration, Sizes sizes, Exploration.Origin origin, boolean remembering) {
        this.exploration = exploration;
        this.origin = origin;
        this.remembering = remembering;
        this.target = exploration.target;
        this.sizes = sizes;
    }

    /** This checker for histories of two threads. */
    ImageChecker forTwoThreads() {
        return new ImageChecker(exploration, sizes, Exploration.Origin.TWO_THREADS, remembering);
    }

    /** This checker without memory, to see a failure again. */
    ImageChecker forgetful() {
        return new ImageChecker(exploration, sizes, origin, false);
    }

    /**
     * Opens a pool on an image, compares it with what is expected, and cuts the power inside that recovery too.
     *
     * @param hash the image's hash
     * @param rooms how much room there must be
     * @param thorough whether to fill, drain and reopen the pool as well
     * @param nestedDepth how many more crashes inside recoveries to try
     * @return what is wrong, in words; empty if nothing is
     */
    Optional<String> problem(
            long[] image, long hash, Expectation expectation, Rooms rooms, boolean thorough, int nestedDepth) {
        exploration.recoveries.increment();
        SimulatedRegion region = SimulatedRegion.onMedia(image, hash, exploration.settings.mutation());
        region.record(nestedDepth > 0);
        CrashMoment start = region.takeMoment();
        Pool pool;
        try {
            pool = target.open(region);
        } catch (RuntimeException | AssertionError e) {
            return Optional.of("recovery ended with " + Failures.describe(e));
        }
        try {
            Optional<String> problem = judge(pool, region, expectation, rooms, start, nestedDepth);
            return problem.isPresent() || !thorough ? problem : behaviour(pool, region, expectation, rooms);
        } catch (RuntimeException | AssertionError e) {
            return Optional.of("the recovered pool failed with " + Failures.describe(e));
        } finally {
            Failures.closeQuietly(pool);
        }
    }

    private Optional<String> judge(
            Pool pool,
            SimulatedRegion region,
            Expectation expectation,
            Rooms rooms,
            CrashMoment start,
            int nestedDepth) {
        CrashMoment end = region.takeMoment();
        region.record(false);
        Outcome outcome = Outcome.of(pool, region);
        Optional<State> found = expectation.matching(outcome);
        if (found.isEmpty()) {
            return Optional.of(expectation.explain(outcome));
        }
        String misjudged = expectation.misjudged(pool.recovery().state());
        Optional<String> doubt = misjudged.isEmpty() ? verification(pool, outcome) : Optional.of(misjudged);
        if (doubt.isPresent() || nestedDepth == 0) {
            return doubt;
        }
        Expectation decided = new Expectation(found.get(), Expectation.Left.OPEN);
        return insideRecovery(region, start, end, expectation.duringRecovery(), decided, rooms, nestedDepth);
    }

    /** What the pool's verifier and its statistics say against what its walk shows. */
    static Optional<String> verification(Pool pool, Outcome outcome) {
        // The sequences free blocks that roots name.
        List<Finding> findings = pool.verify().stream()
                .filter(finding -> !finding.code().equals(Finding.DANGLING_ROOT))
                .toList();
        if (!findings.isEmpty()) {
            return Optional.of("the verifier found " + findings);
        }
        long counted = pool.stats().liveBlocks();
        return counted == outcome.blockCount()
                ? Optional.empty()
                : Optional.of("statistics count " + counted + " live blocks, the walk shows " + outcome);
    }

    /** A recovery that is cut off must leave what another recovery can finish; one that is complete has decided. */
    private Optional<String> insideRecovery(
            SimulatedRegion region,
            CrashMoment start,
            CrashMoment end,
            Expectation undecided,
            Expectation decided,
            Rooms rooms,
            int nestedDepth) {
        CrashMoment previous = start;
        for (CrashMoment moment : region.moments()) {
            if (moment == start) {
                continue;
            }
            boolean complete = moment == end;
            CrashImages images = complete
                    ? CrashImages.of(region, moment, exploration.settings.torn())
                    : CrashImages.newSince(region, previous, moment, exploration.settings.torn());
            Optional<String> problem = nestedProblem(images, complete ? decided : undecided, rooms, nestedDepth);
            if (problem.isPresent()) {
                String passed = String.join("; ", Failures.eventsUpTo(region, moment));
                return Optional.of("a second crash " + (complete ? "right after" : "inside") + " this recovery ["
                        + (passed.isEmpty() ? "before its first write-back" : passed) + "] is not survived; "
                        + String.join(", ", images.describe()) + ": " + problem.get());
            }
            previous = moment;
        }
        exploration.coverage.note(region.events());
        return Optional.empty();
    }

    private Optional<String> nestedProblem(CrashImages images, Expectation expectation, Rooms rooms, int nestedDepth) {
        List<String> found = new ArrayList<>();
        boolean all = images.forEach(exploration.settings.imagesPerEpochMax(), current -> {
            long hash = current.hash();
            boolean fresh = !remembering || exploration.countImage(hash, "recovery", origin, true);
            if (!remembering || exploration.isNewDemand(hash, expectation, nestedDepth - 1)) {
                problem(current.build(), hash, expectation, rooms, fresh, nestedDepth - 1)
                        .ifPresent(found::add);
            }
            return found.isEmpty();
        });
        if (!all) {
            exploration.cappedEpochs.increment();
        }
        return found.stream().findFirst();
    }

    /** The pool must work: it can be filled and drained, keeps its blocks meanwhile, and is found the same when reopened. */
    private Optional<String> behaviour(Pool pool, SimulatedRegion region, Expectation expectation, Rooms rooms) {
        region.stopTracking();
        Outcome before = Outcome.of(pool, region);
        State state = expectation.matching(before).orElseThrow();
        long[] added = fill(pool);
        Outcome full = Outcome.of(pool, region);
        Optional<String> doubt = verification(pool, full);
        if (doubt.isPresent()) {
            return Optional.of("after filling: " + doubt.get());
        }
        int expectedRoom = rooms.expected(state);
        if (exploration.settings.sameCapacity() && added.length < expectedRoom) {
            return Optional.of("space is lost: had nothing been lost, a pool with " + before + " would have room for "
                    + expectedRoom + " blocks of " + sizes.mediumBytes() + " bytes, the recovered one for "
                    + added.length);
        }
        pool.close();
        SimulatedRegion again = SimulatedRegion.untracked(region.words());
        try (Pool reopened = target.open(again)) {
            return behaviourReopened(reopened, again, before, full, added);
        }
    }

    // Reopened while full, so that whatever the first recovery left alive in the log would meet new owners.
    private Optional<String> behaviourReopened(
            Pool pool, SimulatedRegion region, Outcome before, Outcome full, long[] added) {
        Outcome found = Outcome.of(pool, region);
        if (pool.recovery().state() != RecoveryReport.State.CLEAN) {
            return Optional.of("the recovered pool was closed, and opening it again reports "
                    + pool.recovery().state());
        }
        if (!found.sameBlocks(full)) {
            return Optional.of(
                    "the recovered pool was filled and had " + full + ", closed and opened again it has " + found);
        }
        Optional<String> doubt = verification(pool, full);
        if (doubt.isPresent()) {
            return Optional.of("filled, closed and opened again: " + doubt.get());
        }
        pool.freeAll(added);
        Outcome drained = Outcome.of(pool, region);
        if (!drained.sameBlocks(before)) {
            return Optional.of(
                    "filling and draining the recovered pool changed its blocks from " + before + " to " + drained);
        }
        int room = fillAndDrain(pool);
        if (exploration.settings.sameCapacity() && room != added.length) {
            return Optional.of("the recovered pool has room for " + added.length + " blocks of " + sizes.mediumBytes()
                    + " bytes, closed and opened again for " + room);
        }
        return verification(pool, drained).map(finding -> "after filling and draining: " + finding);
    }

    /** How many more medium blocks a pool on these words takes. */
    int room(long[] words) {
        try (Pool pool = target.open(SimulatedRegion.untracked(words))) {
            return fillAndDrain(pool);
        }
    }

    /** How many more medium blocks a pool takes; it has the same live blocks afterwards. */
    int fillAndDrain(Pool pool) {
        long[] handles = fill(pool);
        pool.freeAll(handles);
        return handles.length;
    }

    private long[] fill(Pool pool) {
        long[] handles = new long[64];
        int count = 0;
        try {
            while (count < FILL_BLOCKS_MAX) {
                if (count == handles.length) {
                    handles = Arrays.copyOf(handles, 2 * count);
                }
                handles[count] = pool.allocate(sizes.mediumBytes());
                count++;
            }
        } catch (OutOfSpaceException full) {
            return Arrays.copyOf(handles, count);
        }
        throw new IllegalStateException("a tiny pool took more than " + FILL_BLOCKS_MAX + " blocks");
    }
}
