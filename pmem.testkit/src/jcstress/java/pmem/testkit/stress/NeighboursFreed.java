package pmem.testkit.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** Two clears of one state word. */
@JCStressTest
@Description("Two threads free two blocks whose state fields share a word: both are free afterwards.")
@Outcome(id = "freed, freed, intact", expect = ACCEPTABLE, desc = "Each thread cleared its own field, in either order.")
@State
public class NeighboursFreed {
    private final StressPool pool = StressPool.withFree(0);

    /** For jcstress. */
    public NeighboursFreed() {}

    /** One thread. */
    @Actor
    public void first(LLL_Result result) {
        result.r1 = pool.free(pool.neighbour(0));
    }

    /** The other thread. */
    @Actor
    public void second(LLL_Result result) {
        result.r2 = pool.free(pool.neighbour(1));
    }

    /** After both. */
    @Arbiter
    public void afterwards(LLL_Result result) {
        result.r3 = pool.settle(pool.neighbour(2), pool.neighbour(3));
    }
}
