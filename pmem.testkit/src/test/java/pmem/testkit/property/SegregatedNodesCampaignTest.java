package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/** The segregated policy over NUMA nodes between which the thread moves every few calls, and slabs that change their owner. */
@PolicyUnderTest(
        value = "segregated",
        parameters = {"adoptAfter=1", "arenas=1"},
        numaNodes = 3)
class SegregatedNodesCampaignTest extends PoolCampaign {
    SegregatedNodesCampaignTest() {
        super(3);
    }
}
