package pmem.testkit.property;

/** The campaign over every policy of this project. */
class EveryPolicyCampaignTest extends PoolCampaign {}
