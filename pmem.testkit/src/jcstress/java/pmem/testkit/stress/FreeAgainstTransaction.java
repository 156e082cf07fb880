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

/** The order of {@code free} and of a transaction's claim, which is Dekker's: at least one of the two sees the other. */
@JCStressTest
@Description("A thread frees a block that another frees in a transaction: never both, and it is not lost.")
@Outcome(
        id = "freed, invalid, intact",
        expect = ACCEPTABLE,
        desc = "The free cleared the field and found no claim; the transaction found the field clear.")
@Outcome(
        id = "refused, freed, intact",
        expect = ACCEPTABLE,
        desc = "The transaction had claimed the block; the free found the claim and put the field back.")
@Outcome(
        id = "invalid, freed, intact",
        expect = ACCEPTABLE,
        desc = "The transaction had ended, or changed the field, before the free looked.")
@Outcome(
        id = "refused, invalid, intact",
        expect = ACCEPTABLE,
        desc =
                "The free cleared the field and then saw the claim; the transaction saw it clear in between: both step back.")
@State
public class FreeAgainstTransaction {
    private final StressPool pool = StressPool.withFree(0);

    /** For jcstress. */
    public FreeAgainstTransaction() {}

    /** One thread. */
    @Actor
    public void first(LLL_Result result) {
        result.r1 = pool.free(pool.neighbour(0));
    }

    /** The other thread. */
    @Actor
    public void second(LLL_Result result) {
        result.r2 = pool.freeInTransaction(pool.neighbour(0));
    }

    /** After both. */
    @Arbiter
    public void afterwards(LLL_Result result) {
        boolean freed = StressPool.FREED.equals(result.r1) || StressPool.FREED.equals(result.r2);
        long left = freed ? Handles.NONE : pool.neighbour(0);
        result.r3 = pool.settle(left, pool.neighbour(1), pool.neighbour(2), pool.neighbour(3));
    }
}
