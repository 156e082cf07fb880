package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import pmem.api.RecoveryReport;

/**
 * The states a recovery may come to: those of all completed calls, with any subset of the changes in flight; and whether it
 * may say that the pool had been closed properly.
 */
final class Expectation {
    /** How the pool may have been left. */
    enum Left {
        /** It was open: recovery must report a crash. */
        OPEN(3),
        /** It was being opened or closed: recovery may report either. */
        BETWEEN(5),
        /** It was closed: recovery must report that. */
        CLOSED(11);

        private final long digest;

        Left(long digest) {
            this.digest = digest;
        }
    }

    private final List<State> allowed = new ArrayList<>();
    private final Left left;
    private final long digest;

    /** A state that must be found exactly. */
    Expectation(State exactly, Left left) {
        this(exactly, List.of(), left);
    }

    Expectation(State completed, List<Change> inFlight, Left left) {
        this.left = left;
        long sum = completed.digest() * 31 + left.digest;
        for (Change change : inFlight) {
            sum = sum * 1_000_033 + change.digest();
        }
        digest = sum;
        for (int subset = 0; subset < 1 << inFlight.size(); subset++) {
            State state = completed;
            for (int i = 0; i < inFlight.size(); i++) {
                if ((subset >>> i & 1) != 0) {
                    state = state.after(inFlight.get(i));
                }
            }
            allowed.add(state);
        }
    }

    /** Differs, with near certainty, for different expectations. */
    long digest() {
        return digest;
    }

    /** The same while another recovery is under way. */
    Expectation duringRecovery() {
        return left == Left.CLOSED ? new Expectation(this, Left.BETWEEN) : this;
    }

    private Expectation(Expectation other, Left left) {
        this.left = left;
        this.digest = other.digest * 37 + left.digest;
        this.allowed.addAll(other.allowed);
    }

    /** What is wrong with the way recovery says the pool was left, empty if nothing is. */
    String misjudged(RecoveryReport.State reported) {
        boolean right = switch (left) {
            case OPEN -> reported == RecoveryReport.State.CRASHED;
            case CLOSED -> reported == RecoveryReport.State.CLEAN;
            case BETWEEN -> reported != RecoveryReport.State.FRESH;
        };
        return right ? "" : "recovery reports that the pool was left " + reported + ", but it was left " + left;
    }

    /** The allowed state that was found. */
    Optional<State> matching(Outcome outcome) {
        for (State state : allowed) {
            if (outcome.difference(state).isEmpty()) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }

    /** Why none of the allowed states is what was found. */
    String explain(Outcome outcome) {
        StringJoiner text = new StringJoiner(", or ");
        for (State state : allowed) {
            text.add(state + " (but " + outcome.difference(state) + ")");
        }
        return "recovery found " + outcome + ", expected " + text;
    }
}
