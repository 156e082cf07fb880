package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/** The segregated policy with one arena and no empty slab kept, so that slabs come and go all the time. */
@PolicyUnderTest(
        value = "segregated",
        parameters = {"arenas=1", "emptySlabsKept=0"})
class SegregatedWithoutEmptySlabsCampaignTest extends PoolCampaign {}
