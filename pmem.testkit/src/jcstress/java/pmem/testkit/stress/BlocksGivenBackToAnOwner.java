package pmem.testkit.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import pmem.api.Handles;

/** Blocks on their way back to the access they were claimed through, which takes no lock. */
@JCStressTest
@Description("A thread frees two blocks of an access while it allocates twice: none given twice, none lost.")
@Outcome(id = "0, intact", expect = ACCEPTABLE, desc = "No block had come back to the owner yet.")
@Outcome(id = "1, intact", expect = ACCEPTABLE, desc = "One had.")
@Outcome(id = "2, intact", expect = ACCEPTABLE, desc = "Both had.")
@State
public class BlocksGivenBackToAnOwner {
    private final StressPool pool = StressPool.ofAnAccess();
    private long firstHandle;
    private long secondHandle;

    /** For jcstress. */
    public BlocksGivenBackToAnOwner() {}

    /** One thread. */
    @Actor
    public void another() {
        pool.free(pool.neighbour(0));
        pool.free(pool.neighbour(1));
    }

    /** The owner. */
    @Actor
    public void owner(LL_Result result) {
        firstHandle = pool.allocate();
        secondHandle = pool.allocate();
        result.r1 = (firstHandle == Handles.NONE ? 0 : 1) + (secondHandle == Handles.NONE ? 0 : 1);
    }

    /** After both. */
    @Arbiter
    public void afterwards(LL_Result result) {
        result.r2 = pool.settle(firstHandle, secondHandle, pool.neighbour(2), pool.neighbour(3));
    }
}
