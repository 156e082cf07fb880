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

/** The removal of a reservation decides whether it is published or cancelled. */
@JCStressTest
@Description("A thread publishes a reservation that another cancels: one succeeds, the other is refused.")
@Outcome(id = "published, invalid, intact", expect = ACCEPTABLE, desc = "The publishing thread took the reservation.")
@Outcome(id = "invalid, cancelled, intact", expect = ACCEPTABLE, desc = "The cancelling thread took the reservation.")
@State
public class PublishAgainstCancel {
    private final StressPool pool = StressPool.withFree(1);
    private final long reserved = pool.reserve();

    /** For jcstress. */
    public PublishAgainstCancel() {}

    /** One thread. */
    @Actor
    public void first(LLL_Result result) {
        result.r1 = pool.publish(reserved);
    }

    /** The other thread. */
    @Actor
    public void second(LLL_Result result) {
        result.r2 = pool.cancel(reserved);
    }

    /** After both. */
    @Arbiter
    public void afterwards(LLL_Result result) {
        long live = StressPool.PUBLISHED.equals(result.r1) ? reserved : Handles.NONE;
        result.r3 = pool.settle(live, pool.neighbour(1), pool.neighbour(2), pool.neighbour(3));
    }
}
