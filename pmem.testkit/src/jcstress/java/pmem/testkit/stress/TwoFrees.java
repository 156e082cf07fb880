package pmem.testkit.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** The atomic clear of the state word decides which of two frees is the one. */
@JCStressTest
@Description("Two threads free the same block: one succeeds, the other is told that the handle is invalid.")
@Outcome(
        id = "freed, invalid, intact",
        expect = ACCEPTABLE,
        desc = "The first thread cleared the state field before the second one.")
@Outcome(
        id = "invalid, freed, intact",
        expect = ACCEPTABLE,
        desc = "The second thread cleared the state field before the first one.")
@State
public class TwoFrees {
    private final StressPool pool = StressPool.withFree(0);

    /** For jcstress. */
    public TwoFrees() {}

    /** One thread. */
    @Actor
    public void first(LLL_Result result) {
        result.r1 = pool.free(pool.neighbour(0));
    }

    /** The other thread. */
    @Actor
    public void second(LLL_Result result) {
        result.r2 = pool.free(pool.neighbour(0));
    }

    /** After both. */
    @Arbiter
    public void afterwards(LLL_Result result) {
        result.r3 = pool.settle(pool.neighbour(1), pool.neighbour(2), pool.neighbour(3));
    }
}
