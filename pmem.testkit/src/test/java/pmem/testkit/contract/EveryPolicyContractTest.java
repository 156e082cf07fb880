package pmem.testkit.contract;

/** The contract over every policy of this project. */
class EveryPolicyContractTest extends PoolContract {}
