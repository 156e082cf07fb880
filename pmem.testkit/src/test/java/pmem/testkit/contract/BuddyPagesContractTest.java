package pmem.testkit.contract;

/** One theme alone, over a policy with other parameters: the buddy as a page allocator. */
@PolicyUnderTest(value = "buddy", parameters = "unitBytes=4096")
class BuddyPagesContractTest extends ExhaustionContract {}
