package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import pmem.api.OutOfSpaceException;
import pmem.testkit.region.CrashMoment;
import pmem.testkit.region.SimulatedRegion;

/**
 * The calls of several threads in their order, and which of them were in flight at each crash moment. A moment is kept when a
 * call begins, so that what an image may show before and after that is told apart.
 */
final class CallLog {
    private static final int UNDECIDED = Integer.MAX_VALUE;

    /** One call; moments are numbered from 0. */
    private static final class Call {
        private final String description;
        private final List<Change> attempted;
        private final int firstMoment;
        private int firstMomentAfter = UNDECIDED;
        private int endNumber = UNDECIDED;
        private List<Change> changes = List.of();

        Call(String description, List<Change> attempted, int firstMoment) {
            this.description = description;
            this.attempted = attempted;
            this.firstMoment = firstMoment;
        }

        boolean isInFlight(int moment) {
            return firstMoment <= moment && moment < firstMomentAfter;
        }
    }

    private final SimulatedRegion region;
    private final Runnable stop;
    private final List<Call> calls = new ArrayList<>();
    private int endCount;
    private String failure = "";

    /**
     * A log.
     *
     * @param stop where a scheduled thread stops before each call and after it: a thread that waits for a lock the call had
     *     must get it before this one can take it again
     */
    CallLog(SimulatedRegion region, Runnable stop) {
        this.region = region;
        this.stop = stop;
    }

    /** The sink for one thread's calls. */
    CallSink sink(int thread) {
        return (description, attempted, body) -> run("thread " + thread + ": " + description, attempted, body);
    }

    private List<Change> run(String description, List<Change> attempted, Supplier<List<Change>> body) {
        stop.run();
        Call call = begin(description, attempted);
        try {
            List<Change> changes = body.get();
            end(call, changes);
            return changes;
        } catch (OutOfSpaceException full) {
            end(call, List.of());
            return List.of();
        } catch (RuntimeException | AssertionError e) {
            end(call, List.of());
            fail(description + " failed with " + Failures.describe(e));
            throw new TrialFailure(description);
        } finally {
            stop.run();
        }
    }

    private synchronized Call begin(String description, List<Change> attempted) {
        region.takeMoment();
        Call call = new Call(description, attempted, region.moments().size());
        calls.add(call);
        return call;
    }

    private synchronized void end(Call call, List<Change> changes) {
        call.changes = changes;
        call.firstMomentAfter = region.moments().size();
        call.endNumber = endCount++;
    }

    private synchronized void fail(String text) {
        failure = failure.isEmpty() ? text : failure;
    }

    /** How the first call that failed did so, empty if none has. */
    synchronized String failure() {
        return failure;
    }

    /** What a crash at a moment may show. */
    synchronized Expectation expectation(State start, int moment) {
        List<Change> inFlight = new ArrayList<>();
        for (Call call : calls) {
            if (call.isInFlight(moment)) {
                inFlight.addAll(call.changes.isEmpty() ? call.attempted : call.changes);
            }
        }
        return new Expectation(stateAt(start, moment), inFlight, Expectation.Left.OPEN);
    }

    /** The state after all calls that had ended at a moment. */
    synchronized State stateAt(State start, int moment) {
        Map<Integer, List<Change>> completed = new TreeMap<>();
        for (Call call : calls) {
            if (call.firstMomentAfter <= moment) {
                completed.put(call.endNumber, call.changes);
            }
        }
        State state = start;
        for (List<Change> changes : completed.values()) {
            state = state.after(changes);
        }
        return state;
    }

    /** The calls in flight at a moment, in words. */
    synchronized List<String> inFlight(int moment) {
        return calls.stream()
                .filter(call -> call.isInFlight(moment))
                .map(call -> call.description)
                .toList();
    }

    /** Whether a call returned between the previous moment and this one, so that less is allowed now. */
    synchronized boolean isStricter(int moment) {
        return calls.stream().anyMatch(call -> call.firstMomentAfter == moment);
    }

    /** All moments, the last one after the end of all calls. */
    List<CrashMoment> moments() {
        region.takeMoment();
        return Collections.unmodifiableList(region.moments());
    }
}
