package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/** The segregated policy with slabs that change their owner at every chance, and nothing that is kept. */
@PolicyUnderTest(
        value = "segregated",
        parameters = {"adoptAfter=1", "slabsWithRoomKept=0", "emptyBytesKept=0"})
class SegregatedAdoptionCampaignTest extends PoolCampaign {
    SegregatedAdoptionCampaignTest() {
        super(3);
    }
}
