package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/** The bitmap policy with blocks of powers of two and no empty arena kept, so that arenas come and go all the time. */
@PolicyUnderTest(
        value = "bitmap",
        parameters = {"ladder=1", "emptyArenasKept=0"})
class BitmapWithoutEmptyArenasCampaignTest extends PoolCampaign {}
