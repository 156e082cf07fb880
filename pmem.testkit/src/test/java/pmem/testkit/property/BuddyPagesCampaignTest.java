package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/** The buddy as a page allocator. */
@PolicyUnderTest(value = "buddy", parameters = "unitBytes=4096")
class BuddyPagesCampaignTest extends PoolCampaign {
    BuddyPagesCampaignTest() {
        super(3);
    }
}
