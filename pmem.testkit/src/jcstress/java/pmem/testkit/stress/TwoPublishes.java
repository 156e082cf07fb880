package pmem.testkit.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** The removal of a reservation decides who may publish it. */
@JCStressTest
@Description("Two threads publish the same reservation: one succeeds, the other is told that the handle is invalid.")
@Outcome(id = "published, invalid, intact", expect = ACCEPTABLE, desc = "The first thread took the reservation.")
@Outcome(id = "invalid, published, intact", expect = ACCEPTABLE, desc = "The second thread took the reservation.")
@State
public class TwoPublishes {
    private final StressPool pool = StressPool.withFree(1);
    private final long reserved = pool.reserve();

    /** For jcstress. */
    public TwoPublishes() {}

    /** One thread. */
    @Actor
    public void first(LLL_Result result) {
        result.r1 = pool.publish(reserved);
    }

    /** The other thread. */
    @Actor
    public void second(LLL_Result result) {
        result.r2 = pool.publish(reserved);
    }

    /** After both. */
    @Arbiter
    public void afterwards(LLL_Result result) {
        result.r3 = pool.settle(reserved, pool.neighbour(1), pool.neighbour(2), pool.neighbour(3));
    }
}
