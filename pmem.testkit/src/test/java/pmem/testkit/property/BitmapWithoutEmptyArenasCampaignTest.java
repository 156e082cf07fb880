package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/**
 * The bitmap policy with blocks of powers of two and no empty arena kept, so that arenas come and go all the time, and any free block
 * of the next larger size before a new one.
 */
@PolicyUnderTest(
        value = "bitmap",
        parameters = {"ladder=1", "emptyArenasKept=0", "lendPercent=1000000"})
class BitmapWithoutEmptyArenasCampaignTest extends PoolCampaign {
    BitmapWithoutEmptyArenasCampaignTest() {
        super(3);
    }
}
