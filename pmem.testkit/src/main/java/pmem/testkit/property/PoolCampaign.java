package pmem.testkit.property;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import pmem.api.Pool;
import pmem.testkit.contract.PolicyUnderTest;
import pmem.testkit.contract.PoolSettings;
import pmem.testkit.contract.Seeded;

/**
 * The campaign over every policy on the module path, or the one that {@link PolicyUnderTest} names; see the package.
 *
 * <p>The pools are files whose stores reach the kernel and no further, where that is offered: the laws do not depend on the
 * domain, and this one is the quickest.
 */
public abstract class PoolCampaign {
    private static final String TRIES = "pmem.tries";
    private static final int TRIES_DEFAULT = 1000;

    private final int share;
    private final UnaryOperator<Pool> through;

    /** For subclasses. */
    protected PoolCampaign() {
        this(1);
    }

    /**
     * For subclasses with parameters that few choose.
     *
     * @param share they run one in so many of the tries, 1 for all
     */
    protected PoolCampaign(int share) {
        this(share, UnaryOperator.identity());
    }

    /**
     * For subclasses that use the pools in a way of their own.
     *
     * @param share they run one in so many of the tries, 1 for all
     * @param through makes of a pool what the operations are done on
     */
    protected PoolCampaign(int share, UnaryOperator<Pool> through) {
        this.share = share;
        this.through = through;
    }

    @TestFactory
    Stream<DynamicTest> random_sequences_break_no_law() {
        int tries = Math.max(1, Integer.getInteger(TRIES, TRIES_DEFAULT) / share);
        long seed = Seeded.seed();
        return PoolSettings.onCheapestFiles(getClass()).stream()
                .map(setting -> DynamicTest.dynamicTest(
                        setting + ", " + tries + " sequences",
                        () -> new Campaign(getClass(), setting, through).run(seed, tries)));
    }
}
