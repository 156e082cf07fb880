package pmem.testkit.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import pmem.api.Handles;

/** A claim of the last block, seen by another thread that searches for one. */
@JCStressTest
@Description("Two threads allocate when one block is left: one gets it, the other is told that no space is left.")
@Outcome(
        id = "got, full, intact",
        expect = ACCEPTABLE,
        desc = "The first thread claimed the block; the second one found none.")
@Outcome(
        id = "full, got, intact",
        expect = ACCEPTABLE,
        desc = "The second thread claimed the block; the first one found none.")
@State
public class TwoClaimsOfTheLastBlock {
    private final StressPool pool = StressPool.withFree(1);
    private long firstHandle;
    private long secondHandle;

    /** For jcstress. */
    public TwoClaimsOfTheLastBlock() {}

    /** One thread. */
    @Actor
    public void first(LLL_Result result) {
        firstHandle = pool.allocate();
        result.r1 = firstHandle == Handles.NONE ? "full" : "got";
    }

    /** The other thread. */
    @Actor
    public void second(LLL_Result result) {
        secondHandle = pool.allocate();
        result.r2 = secondHandle == Handles.NONE ? "full" : "got";
    }

    /** After both. */
    @Arbiter
    public void afterwards(LLL_Result result) {
        result.r3 = pool.settle(firstHandle, secondHandle, pool.neighbour(1), pool.neighbour(2), pool.neighbour(3));
    }
}
