package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/** The campaign over the segregated policy through an access, with all that it keeps for its thread. */
@PolicyUnderTest("segregated")
class SegregatedAccessCampaignTest extends PoolCampaign {
    SegregatedAccessCampaignTest() {
        super(3, AccessPool::new);
    }
}
