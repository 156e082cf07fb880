package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/** The bitmap policy with spread states and arenas that go round the pool. */
@PolicyUnderTest(
        value = "bitmap",
        parameters = {"rotation=2"})
class BitmapAtWearEndCampaignTest extends PoolCampaign {}
