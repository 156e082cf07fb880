package pmem.testkit.contract;

/** The theme of many threads, over slabs that change their owner with the first block that another thread frees. */
@PolicyUnderTest(
        value = "segregated",
        parameters = {"adoptAfter=1", "emptySlabsKept=0"})
class SegregatedAdoptionThreadsTest extends ThreadContract {}
