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

/** A block on its way back from a thread that frees to one that allocates. */
@JCStressTest
@Description("A thread frees while another allocates twice and one block is free: none given twice, none lost.")
@Outcome(id = "freed, 2, intact", expect = ACCEPTABLE, desc = "The freed block came back before the second allocation.")
@Outcome(id = "freed, 1, intact", expect = ACCEPTABLE, desc = "Both allocations came before the freed block was back.")
@State
public class RemoteFree {
    private final StressPool pool = StressPool.withFree(1);
    private long firstHandle;
    private long secondHandle;

    /** For jcstress. */
    public RemoteFree() {}

    /** One thread. */
    @Actor
    public void first(LLL_Result result) {
        result.r1 = pool.free(pool.neighbour(1));
    }

    /** The other thread. */
    @Actor
    public void second(LLL_Result result) {
        firstHandle = pool.allocate();
        secondHandle = pool.allocate();
        result.r2 = (firstHandle == Handles.NONE ? 0 : 1) + (secondHandle == Handles.NONE ? 0 : 1);
    }

    /** After both. */
    @Arbiter
    public void afterwards(LLL_Result result) {
        result.r3 = pool.settle(firstHandle, secondHandle, pool.neighbour(2), pool.neighbour(3));
    }
}
