package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/** The segregated policy with one arena, slabs up to 8 KiB and no empty slab kept, so that slabs come and go all the time. */
@PolicyUnderTest(
        value = "segregated",
        parameters = {"arenas=1", "emptySlabsKept=0", "largestClassBytes=8192", "mediumBytes=0"})
class SegregatedWithoutEmptySlabsCampaignTest extends PoolCampaign {
    SegregatedWithoutEmptySlabsCampaignTest() {
        super(3);
    }
}
