package pmem.testkit.property;

import pmem.testkit.contract.PolicyUnderTest;

/** The segregated policy with medium blocks from 1 KiB on. */
@PolicyUnderTest(
        value = "segregated",
        parameters = {"largestClassBytes=1024", "mediumBytes=16384"})
class SegregatedMediumCampaignTest extends PoolCampaign {}
