package pmem.testkit.property;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import pmem.testkit.contract.PolicyUnderTest;
import pmem.testkit.contract.PoolSettings;
import pmem.testkit.contract.Seeded;

/** The campaign over the segregated policy through an access, with all that it keeps for its thread; {@code -Dpmem.tries} as there. */
@PolicyUnderTest("segregated")
class SegregatedAccessCampaignTest {
    private static final int TRIES_DEFAULT = 300;

    @TestFactory
    Stream<DynamicTest> random_sequences_through_an_access_break_no_law() {
        int tries = Integer.getInteger("pmem.tries", TRIES_DEFAULT);
        long seed = Seeded.seed();
        return PoolSettings.onCheapestFiles(getClass()).stream()
                .map(setting -> DynamicTest.dynamicTest(
                        setting + ", " + tries + " sequences",
                        () -> new Campaign(getClass(), setting, AccessPool::new).run(seed, tries)));
    }
}
