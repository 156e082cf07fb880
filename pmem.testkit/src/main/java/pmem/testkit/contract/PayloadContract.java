package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import pmem.api.Pool;

/** The bytes of a block: its segment, and making them durable. */
@OnEveryDomain
public abstract class PayloadContract extends ContractTest {
    /** For JUnit. */
    protected PayloadContract() {}

    // "The bytes of a live or reserved block, bounded by usableBytes."
    @Test
    void a_segment_is_bounded_by_the_blocks_usable_bytes() {
        Pool pool = newPool();
        long handle = pool.allocate(77);
        MemorySegment segment = pool.segment(handle);
        assertThat(segment.byteSize()).isEqualTo(pool.usableBytes(handle));
        segment.set(ValueLayout.JAVA_BYTE, segment.byteSize() - 1, (byte) 5);
        assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, segment.byteSize()))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void all_segments_of_a_block_show_the_same_bytes() {
        Pool pool = newPool();
        long handle = pool.allocate(64);
        pool.segment(handle).set(ValueLayout.JAVA_LONG, 56, 0x1234_5678_9abc_def0L);
        assertThat(pool.segment(handle).get(ValueLayout.JAVA_LONG, 56)).isEqualTo(0x1234_5678_9abc_def0L);
    }

    // "The segment becomes inaccessible when the pool is closed"
    @Test
    void a_segment_is_inaccessible_after_close() {
        Pool pool = newPool();
        MemorySegment segment = pool.segment(pool.allocate(64));
        pool.close();
        assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_segment_can_be_used_by_any_thread() throws Exception {
        Pool pool = newPool();
        MemorySegment segment = pool.segment(pool.allocate(64));
        Crew.run(4, index -> {
            segment.set(ValueLayout.JAVA_LONG, index * 8L, index);
            return index;
        });
        for (int index = 0; index < 4; index++) {
            assertThat(segment.get(ValueLayout.JAVA_LONG, index * 8L)).isEqualTo(index);
        }
    }

    // "@param bytes how many, 0 allowed"; "@throws IndexOutOfBoundsException if the range is not inside the block"
    @Test
    void ranges_inside_the_block_are_made_durable_and_others_refused() {
        Pool pool = newPool();
        long handle = pool.allocate(300);
        long usableBytes = pool.usableBytes(handle);
        long[][] inside = {{0, 0}, {0, 1}, {0, usableBytes}, {usableBytes, 0}, {usableBytes - 1, 1}, {63, 66}};
        for (long[] range : inside) {
            pool.persist(handle, range[0], range[1]);
            pool.writeBack(handle, range[0], range[1]);
        }
        pool.fence();
        long[][] outside = {
            {-1, 1},
            {0, -1},
            {0, usableBytes + 1},
            {usableBytes, 1},
            {usableBytes + 1, 0},
            {1, Long.MAX_VALUE},
            {Long.MAX_VALUE, Long.MAX_VALUE},
            {Long.MIN_VALUE, 0},
            {8, Long.MIN_VALUE}
        };
        for (long[] range : outside) {
            assertOutOfBounds(pool, handle, range[0], range[1]);
        }
    }

    private static void assertOutOfBounds(Pool pool, long handle, long offset, long bytes) {
        assertThatThrownBy(() -> pool.persist(handle, offset, bytes))
                .as("persist offset=%d bytes=%d", offset, bytes)
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> pool.writeBack(handle, offset, bytes))
                .as("writeBack offset=%d bytes=%d", offset, bytes)
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void large_contents_are_made_durable_whole() {
        Pool pool = newPool();
        long bytes = pool.stats().largestFreeBytes() / 2;
        long handle = pool.allocate(bytes);
        Blocks.stamp(pool.segment(handle), bytes, 3);
        pool.persist(handle, 0, bytes);
        Blocks.assertStamped(pool.segment(handle), bytes, bytes, 3);
    }

    @Test
    void a_fence_without_anything_to_wait_for_returns() {
        newPool().fence();
    }
}
