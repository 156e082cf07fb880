package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/** The bitmap policy with spread states, and no block of another size before a new arena. */
@PolicyUnderTest(
        value = "bitmap",
        parameters = {"rotation=2", "lendPercent=0"})
class BitmapAtWearEndCampaignTest extends PoolCampaign {
    BitmapAtWearEndCampaignTest() {
        super(3);
    }
}
