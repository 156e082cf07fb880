package pmem.testkit.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** A clear and a setting of one state word. */
@JCStressTest
@Description("A thread frees a block while another publishes its neighbour in the same word: no change is lost.")
@Outcome(
        id = "freed, published, intact",
        expect = ACCEPTABLE,
        desc = "Each thread changed its own field, in either order.")
@State
public class FreeBesidePublish {
    private final StressPool pool = StressPool.withFree(1);
    private final long reserved = pool.reserve();

    /** For jcstress. */
    public FreeBesidePublish() {}

    /** One thread. */
    @Actor
    public void first(LLL_Result result) {
        result.r1 = pool.free(pool.neighbour(1));
    }

    /** The other thread. */
    @Actor
    public void second(LLL_Result result) {
        result.r2 = pool.publish(reserved);
    }

    /** After both. */
    @Arbiter
    public void afterwards(LLL_Result result) {
        result.r3 = pool.settle(reserved, pool.neighbour(2), pool.neighbour(3));
    }
}
