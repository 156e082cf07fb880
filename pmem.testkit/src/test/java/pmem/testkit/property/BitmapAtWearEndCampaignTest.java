package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/** The bitmap policy with spread states. */
@PolicyUnderTest(
        value = "bitmap",
        parameters = {"rotation=2"})
class BitmapAtWearEndCampaignTest extends PoolCampaign {}
