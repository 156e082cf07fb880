package pmem.testkit.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** Two settings of one state word, and two claims side by side. */
@JCStressTest
@Description("Two threads allocate two blocks whose state fields share a word: both are live afterwards.")
@Outcome(id = "got, got, intact", expect = ACCEPTABLE, desc = "Each thread set its own field, in either order.")
@State
public class NeighboursAllocated {
    private final StressPool pool = StressPool.withFree(2);
    private long firstHandle;
    private long secondHandle;

    /** For jcstress. */
    public NeighboursAllocated() {}

    /** One thread. */
    @Actor
    public void first(LLL_Result result) {
        firstHandle = pool.allocate();
        result.r1 = pool.gotOrFault(firstHandle);
    }

    /** The other thread. */
    @Actor
    public void second(LLL_Result result) {
        secondHandle = pool.allocate();
        result.r2 = pool.gotOrFault(secondHandle);
    }

    /** After both. */
    @Arbiter
    public void afterwards(LLL_Result result) {
        result.r3 = pool.settle(firstHandle, secondHandle, pool.neighbour(2), pool.neighbour(3));
    }
}
