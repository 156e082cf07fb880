package pmem.testkit.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** An access frees a block and claims one by plain stores while another thread frees the neighbour. */
@JCStressTest
@Description(
        "An access frees a block and allocates one while another thread frees its neighbour: neither change is lost.")
@Outcome(id = "freed, got, intact", expect = ACCEPTABLE, desc = "Both blocks came back, and the access got one.")
@State
public class OwnerFreesBesideAnother {
    private final StressPool pool = StressPool.ofAnAccess();
    private long handle;

    /** For jcstress. */
    public OwnerFreesBesideAnother() {}

    /** The owner. */
    @Actor
    public void owner(LLL_Result result) {
        pool.freeThroughAccess(pool.neighbour(0));
        handle = pool.allocate();
        result.r2 = pool.gotOrFault(handle);
    }

    /** Another thread. */
    @Actor
    public void another(LLL_Result result) {
        result.r1 = pool.free(pool.neighbour(1));
    }

    /** After both. */
    @Arbiter
    public void afterwards(LLL_Result result) {
        result.r3 = pool.settle(handle, pool.neighbour(2), pool.neighbour(3));
    }
}
