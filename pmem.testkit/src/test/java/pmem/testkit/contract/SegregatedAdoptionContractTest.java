package pmem.testkit.contract;

/** One theme alone, over slabs that change their owner with the first block that another thread frees. */
@PolicyUnderTest(
        value = "segregated",
        parameters = {"adoptAfter=1"})
class SegregatedAdoptionContractTest extends AccessContract {}
