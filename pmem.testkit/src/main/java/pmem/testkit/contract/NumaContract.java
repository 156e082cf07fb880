package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import pmem.api.MemoryPlacement;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolAccess;
import pmem.api.PoolOptions;
import pmem.api.Size;

/** A pool that is divided among NUMA nodes, which are simulated: what is bound where is the mapping layer's. */
@OnEveryDomain
@ManyFences
public abstract class NumaContract extends ContractTest {
    // Numbers that are no places in a list, so that nobody takes one for the other.
    private static final int FIRST = 3;
    private static final int SECOND = 7;

    private static final int MANY = 300;
    private static final long[] SIZES = {16, 100, 1000, 2500, 5000, 10_000, 20_000};

    /** The node that threads of this test are told to be on. */
    private volatile int threadNode = FIRST;

    /** For JUnit. */
    protected NumaContract() {}

    private MemoryPlacement twoNodes() {
        return MemoryPlacement.anywhere().simulatedNodes(() -> threadNode, FIRST, SECOND);
    }

    private Pool newDividedPool() {
        return home().create(options().placement(twoNodes()));
    }

    private boolean isKeptApart(Pool pool) {
        return !pool.numaNodes().isEmpty();
    }

    private static Set<Integer> nodesOf(Pool pool, List<Long> handles) {
        Set<Integer> nodes = new HashSet<>();
        handles.forEach(handle -> nodes.add(pool.numaNodeOf(handle).orElseThrow()));
        return nodes;
    }

    private static List<Long> allocate(PoolAccess access, int count, long bytes) {
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            handles.add(access.allocate(bytes));
        }
        return handles;
    }

    private static List<Long> fill(PoolAccess access, long bytes) {
        List<Long> handles = new ArrayList<>();
        try {
            while (true) {
                handles.add(access.allocate(bytes));
            }
        } catch (OutOfSpaceException full) {
            return handles;
        }
    }

    // "whose blocks are of one node, wherever its thread runs"
    @Test
    void an_access_of_a_node_gets_blocks_of_that_node_of_every_size() {
        Pool pool = newDividedPool();
        if (!isKeptApart(pool)) {
            return;
        }
        assertThat(pool.numaNodes()).containsExactly(FIRST, SECOND);
        for (int node : pool.numaNodes()) {
            try (PoolAccess access = pool.access(node)) {
                for (long bytes : SIZES) {
                    assertThat(nodesOf(pool, allocate(access, 50, bytes)))
                            .as("blocks of %d bytes", bytes)
                            .containsOnly(node);
                }
            }
        }
    }

    // "a thread gets blocks of the node it runs on"
    @Test
    void a_thread_gets_blocks_of_the_node_it_runs_on() {
        Pool pool = newDividedPool();
        if (!isKeptApart(pool)) {
            return;
        }
        for (int node : List.of(FIRST, SECOND, FIRST)) {
            threadNode = node;
            for (long bytes : SIZES) {
                List<Long> handles = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    handles.add(pool.allocate(bytes));
                }
                assertThat(nodesOf(pool, handles))
                        .as("blocks of %d bytes", bytes)
                        .containsOnly(node);
            }
            try (PoolAccess access = pool.access()) {
                assertThat(nodesOf(pool, allocate(access, 20, 100))).containsOnly(node);
            }
        }
    }

    // "of another only when that node has no room"
    @Test
    void all_of_the_pool_can_be_had_from_one_node_its_own_part_first() {
        Pool pool = newDividedPool();
        long bytes = 4096;
        List<Long> handles;
        try (PoolAccess access = isKeptApart(pool) ? pool.access(SECOND) : pool.access()) {
            handles = fill(access, bytes);
        }
        assertThat(nodesOf(pool, handles)).containsExactlyInAnyOrder(FIRST, SECOND);
        assertThat(pool.stats().largestFreeBytes()).isLessThan(bytes);
        if (isKeptApart(pool)) {
            long own = handles.stream()
                    .takeWhile(handle -> pool.numaNodeOf(handle).orElseThrow() == SECOND)
                    .count();
            assertThat(own).as("blocks before the first of another node").isGreaterThan(handles.size() / 3);
        }
    }

    // "A block never crosses from one part to another, so none is longer than a part."
    @Test
    void no_block_crosses_from_one_part_to_another() {
        Pool pool = newDividedPool();
        if (!isKeptApart(pool)) {
            return;
        }
        long partBytes = pool.stats().capacityBytes() / 2;
        assertThat(pool.stats().largestFreeBytes()).isLessThanOrEqualTo(partBytes);
        assertOutOfSpace(() -> pool.allocate(partBytes + 1));
        try (PoolAccess access = pool.access(FIRST)) {
            for (long handle : fill(access, Size.kib(700))) {
                long end = handle + pool.usableBytes(handle) - 1;
                assertThat(end / partBytes).as("part of the last byte").isEqualTo(handle / partBytes);
            }
        }
    }

    // "may become as long" where it is: not over the border.
    @Test
    void a_block_does_not_grow_over_the_end_of_its_part() {
        Pool pool = newDividedPool();
        if (!isKeptApart(pool)) {
            return;
        }
        long partBytes = pool.stats().capacityBytes() / 2;
        try (PoolAccess access = pool.access(FIRST)) {
            long bytes = Size.kib(300);
            for (long handle : allocate(access, 20, bytes)) {
                if (pool.reallocate(handle, 2 * bytes)) {
                    long end = handle + pool.usableBytes(handle) - 1;
                    assertThat(end / partBytes).isEqualTo(handle / partBytes);
                }
            }
        }
    }

    // "Blocks may be released through any access"
    @Test
    void what_another_node_frees_goes_back_to_where_it_came_from() {
        Pool pool = newDividedPool();
        if (!isKeptApart(pool)) {
            return;
        }
        try (PoolAccess near = pool.access(FIRST);
                PoolAccess far = pool.access(SECOND)) {
            for (int round = 0; round < 5; round++) {
                for (long handle : allocate(near, MANY, 100)) {
                    far.free(handle);
                }
                assertThat(nodesOf(pool, allocate(far, MANY, 100))).containsOnly(SECOND);
            }
            assertThat(nodesOf(pool, allocate(near, MANY, 100))).containsOnly(FIRST);
        }
        assertThat(pool.stats().liveBlocks()).isEqualTo(6 * MANY);
    }

    // "When an access is released what it kept goes back": to the node it is of, though it came when its own was full.
    @Test
    void what_a_released_access_kept_is_used_by_its_own_node_again() {
        Pool pool = newDividedPool();
        if (!isKeptApart(pool)) {
            return;
        }
        List<Long> handles;
        try (PoolAccess access = pool.access(FIRST)) {
            handles = fill(access, 200);
        }
        handles.forEach(pool::free);
        for (int node : pool.numaNodes()) {
            try (PoolAccess access = pool.access(node)) {
                assertThat(nodesOf(pool, allocate(access, MANY, 200))).containsOnly(node);
            }
        }
    }

    // "is not recorded in the pool"
    @Test
    @Tag(FILES)
    void a_pool_that_was_full_before_it_was_divided_keeps_every_block() {
        if (setting.isVolatile()) {
            return;
        }
        Pool pool = newPool();
        List<Long> handles = Blocks.fillStamped(pool, 30_000);
        long large = handles.removeLast();
        pool.free(large);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        var path = home().path(pool);
        pool.close();
        Pool divided = home().open(
                        path, PoolOptions.open().durability(setting.domain()).placement(twoNodes()));
        assertThat(Blocks.walk(divided)).isEqualTo(before);
        Blocks.assertStamped(divided, handles, 30_000);
        handles.forEach(divided::free);
        assertThat(Blocks.walk(divided)).isEmpty();
        if (isKeptApart(divided)) {
            try (PoolAccess access = divided.access(SECOND)) {
                assertThat(nodesOf(divided, allocate(access, MANY, 1000))).containsOnly(SECOND);
            }
        }
    }

    // "A pool that grows goes on with parts of that length."
    @Test
    void a_pool_that_grows_goes_on_with_the_pattern() {
        Pool pool = home().create(
                        setting.options(Size.mib(8)).maxCapacity(Size.mib(32)).placement(twoNodes()));
        if (pool.maxCapacityBytes() == pool.stats().capacityBytes() || !isKeptApart(pool)) {
            return;
        }
        pool.grow(Size.mib(16));
        try (PoolAccess access = pool.access(SECOND)) {
            List<Long> handles = fill(access, Size.kib(64));
            long second = handles.stream()
                    .takeWhile(handle -> pool.numaNodeOf(handle).orElseThrow() == SECOND)
                    .count();
            assertThat(second).as("blocks of two parts of 4 MiB").isGreaterThan(100);
            assertThat(pool.numaNodeOf(handles.getFirst())).hasValue(SECOND);
        }
    }

    // "if it is not among numaNodes"
    @Test
    void a_node_that_is_not_there_is_refused_with_those_there_are() {
        Pool divided = newDividedPool();
        assertThatThrownBy(() -> divided.access(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected one of " + divided.numaNodes() + ", found=0")
                .hasMessageContaining("MemoryPlacement.overNodes");
        assertInvalidHandle(() -> divided.numaNodeOf(64));
    }

    @Test
    @Tag(FILES)
    void a_pool_that_is_not_divided_has_no_nodes() {
        Pool whole = newPool();
        assertThat(whole.numaNodes()).isEmpty();
        assertThat(whole.numaNodeOf(whole.allocate(100))).isEmpty();
        assertInvalidArgument(() -> whole.access(0));
    }

    @Test
    void nodes_that_cannot_be_are_refused() {
        MemoryPlacement placement = MemoryPlacement.anywhere();
        assertInvalidArgument(placement::overNodes);
        assertInvalidArgument(() -> placement.overNodes(0, -1));
        assertInvalidArgument(() -> placement.overNodes(1, 0, 1));
    }
}
