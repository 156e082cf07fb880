package pmem.testkit.contract;

/** One theme alone: threads that move between NUMA nodes as they work, and slabs that change their owner. */
@PolicyUnderTest(
        value = "segregated",
        parameters = {"adoptAfter=1"},
        numaNodes = 2)
class SegregatedNodesThreadsTest extends ThreadContract {}
