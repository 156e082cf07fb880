package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import pmem.api.AuditReport;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.ReferenceVisitor;

/** Which blocks {@link Pool#audit} calls leaked. */
@OnEveryDomain
public abstract class AuditContract extends ContractTest {
    private static final long NODE_BYTES = 64;
    private static final int DEEP_VOLATILE = 100_000;
    private static final int DEEP_IN_A_FILE = 5_000;

    /** A node's first word is the number of references, the others are the references. */
    private static final ReferenceVisitor NODES = (pool, handle, references) -> {
        MemorySegment node = pool.segment(handle);
        long count = node.get(ValueLayout.JAVA_LONG, 0);
        for (int i = 1; i <= count; i++) {
            references.accept(node.getAtIndex(ValueLayout.JAVA_LONG, i));
        }
    };

    /** For JUnit. */
    protected AuditContract() {}

    private static void write(Pool pool, long handle, long... references) {
        MemorySegment node = pool.segment(handle);
        node.set(ValueLayout.JAVA_LONG, 0, references.length);
        for (int i = 0; i < references.length; i++) {
            node.setAtIndex(ValueLayout.JAVA_LONG, i + 1L, references[i]);
        }
    }

    @Test
    void a_pool_without_blocks_has_no_leak() {
        AuditReport audit = newPool().audit(NODES);
        assertThat(audit.liveBlocks()).isZero();
        assertThat(audit.leakedBlocks()).isZero();
        assertThat(audit.sizes()).isEmpty();
    }

    @Test
    void blocks_that_roots_lead_to_are_not_leaked_and_the_others_are_by_place_and_size() {
        Pool pool = newPool();
        long[] nodes = pool.allocateAll(NODE_BYTES, NODE_BYTES, NODE_BYTES);
        write(pool, nodes[0], nodes[1], Handles.NONE);
        write(pool, nodes[1], nodes[2], nodes[0]);
        write(pool, nodes[2]);
        pool.setRoot("head", nodes[0]);
        Map<Long, Long> leaked = new TreeMap<>();
        for (long bytes : new long[] {NODE_BYTES, 700, 700, 30_000, 200_000}) {
            long handle = pool.allocate(bytes);
            leaked.put(handle, pool.usableBytes(handle));
        }

        AuditReport audit = pool.audit(NODES);

        Map<Long, Long> found = new TreeMap<>();
        audit.forEachLeakedBlock(found::put);
        assertThat(found).isEqualTo(leaked);
        assertThat(audit.liveBlocks()).isEqualTo(nodes.length + leaked.size());
        assertThat(audit.leakedBytes())
                .isEqualTo(leaked.values().stream().mapToLong(Long::longValue).sum());
        Map<Long, Long> bySize = new TreeMap<>();
        leaked.values().forEach(bytes -> bySize.merge(bytes, 1L, Long::sum));
        assertThat(audit.sizes())
                .as("groups, smallest first")
                .extracting(AuditReport.LeakedSize::usableBytes)
                .containsExactlyElementsOf(bySize.keySet());
        audit.sizes().forEach(size -> {
            assertThat(size.blocks()).isEqualTo(bySize.get(size.usableBytes()));
            assertThat(leaked.get(size.firstHandle())).isEqualTo(size.usableBytes());
        });
        assertThat(audit.strayReferenceCount()).isZero();
    }

    @Test
    void leaked_blocks_that_refer_to_each_other_are_leaked() {
        Pool pool = newPool();
        long[] ring = pool.allocateAll(NODE_BYTES, NODE_BYTES);
        write(pool, ring[0], ring[1]);
        write(pool, ring[1], ring[0]);
        assertThat(pool.audit(NODES).leakedBlocks()).isEqualTo(2);
    }

    @Test
    void references_that_lead_to_no_live_block_are_told_with_where_they_stand() {
        Pool pool = newPool();
        long node = pool.allocate(NODE_BYTES);
        long freed = pool.allocate(NODE_BYTES);
        pool.free(freed);
        write(pool, node, freed, node + 8, -1);
        pool.setRoot("head", node);
        pool.setRoot("stray", 8);

        AuditReport audit = pool.audit(NODES);

        assertThat(audit.leakedBlocks()).isZero();
        assertThat(audit.strayReferenceCount()).isEqualTo(4);
        assertThat(audit.strayReferences())
                .containsExactlyInAnyOrder(
                        new AuditReport.StrayReference(node, freed),
                        new AuditReport.StrayReference(node, node + 8),
                        new AuditReport.StrayReference(node, -1),
                        new AuditReport.StrayReference(Handles.NONE, 8));
    }

    @Test
    void reserved_blocks_are_not_counted() {
        Pool pool = newPool();
        long reserved = pool.reserve(NODE_BYTES);
        assertThat(pool.audit(NODES).liveBlocks()).isZero();
        pool.cancel(reserved);
    }

    @Test
    void a_list_may_be_as_long_as_the_pool() {
        Pool pool = newPool();
        int length = setting.isVolatile() ? DEEP_VOLATILE : DEEP_IN_A_FILE;
        long[] sizes = new long[length];
        Arrays.fill(sizes, NODE_BYTES);
        long[] nodes = pool.allocateAll(sizes);
        for (int i = 0; i < length; i++) {
            write(pool, nodes[i], i + 1 < length ? nodes[i + 1] : Handles.NONE);
        }
        pool.setRoot("head", nodes[0]);
        long lost = pool.allocate(NODE_BYTES);

        AuditReport audit = pool.audit(NODES);

        assertThat(audit.leakedBlocks()).isEqualTo(1);
        audit.forEachLeakedBlock((handle, bytes) -> assertThat(handle).isEqualTo(lost));
    }
}
