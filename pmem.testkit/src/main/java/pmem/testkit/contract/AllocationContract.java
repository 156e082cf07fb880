package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolAccess;
import pmem.api.PoolStats;

/** Sizes and alignments that {@link Pool#allocate} accepts, and what it promises of the block. */
@OnEveryDomain
@ManyFences
public abstract class AllocationContract extends ContractTest {
    private static final long[] NO_SIZES = {0, -1, -4096, Long.MIN_VALUE};
    private static final long[] NO_ALIGNMENTS = {0, 3, 6, 4095, -1, -2, -4096, Long.MIN_VALUE, Long.MAX_VALUE};

    /** For JUnit. */
    protected AllocationContract() {}

    // "of which all usable bytes are 0"
    @Test
    void a_zeroed_block_is_zero_whatever_its_memory_held() {
        long[] sizes = {1, 60, 500, 3000, 9000, 70_000, 1 << 20};
        for (boolean byAccess : new boolean[] {false, true}) {
            Pool pool = newPool();
            try (PoolAccess access = pool.access()) {
                for (int round = 0; round < 3; round++) {
                    List<Long> handles = new ArrayList<>();
                    for (long bytes : sizes) {
                        long handle = byAccess ? access.allocateZeroed(bytes, 64) : pool.allocateZeroed(bytes, 64);
                        Blocks.assertZero(pool.segment(handle));
                        assertThat(handle % 64).isZero();
                        assertThat(pool.isLive(handle)).isTrue();
                        pool.segment(handle).fill((byte) 0x5a);
                        handles.add(handle);
                    }
                    pool.trim();
                    Blocks.freeAll(pool, handles);
                }
            }
        }
    }

    @Test
    void a_zeroed_block_that_cannot_be_is_refused_as_any_other() {
        Pool pool = newPool();
        assertInvalidArgument(() -> pool.allocateZeroed(0));
        assertInvalidArgument(() -> pool.allocateZeroed(8, 3));
        assertOutOfSpace(() -> pool.allocateZeroed(1L << 60));
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "How many bytes from the block's start belong to it, at least what was asked for."
    @Test
    void every_small_size_gets_a_block_that_holds_it() {
        Pool pool = newPool();
        for (long bytes = 1; bytes <= 700; bytes++) {
            long handle = pool.allocate(bytes);
            assertServes(pool, handle, bytes);
            Blocks.stamp(pool.segment(handle), pool.usableBytes(handle), bytes);
        }
        Blocks.assertWhole(pool);
    }

    @Test
    void sizes_around_every_power_of_two_up_to_an_eighth_of_the_pool_get_a_block_that_holds_them() {
        Pool pool = newPool();
        for (long power = 1024; power <= pool.stats().capacityBytes() / 8; power *= 2) {
            for (long bytes = power - 1; bytes <= power + 1; bytes++) {
                long handle = pool.allocate(bytes);
                assertServes(pool, handle, bytes);
                pool.free(handle);
            }
        }
    }

    // "The largest block that could be allocated now."
    @Test
    void a_fresh_pool_gives_its_largest_free_block_and_then_has_it_no_more() {
        Pool pool = newPool();
        long largestBytes = pool.stats().largestFreeBytes();
        assertThat(largestBytes)
                .as("largest block of a fresh pool")
                .isGreaterThan(pool.stats().capacityBytes() / 4);
        assertOutOfSpace(() -> pool.allocate(largestBytes + 1));
        long handle = pool.allocate(largestBytes);
        assertServes(pool, handle, largestBytes);
        assertThat(pool.stats().largestFreeBytes()).isLessThanOrEqualTo(largestBytes);
        Blocks.stamp(pool.segment(handle), largestBytes, handle);
        Blocks.assertWhole(pool);
    }

    // "aligned to 16 bytes at least (smaller blocks to their size rounded up to a power of two, 8 at least)"
    @Test
    void blocks_are_aligned_by_default_to_8_bytes_up_to_size_8_and_to_16_bytes_above() {
        Pool pool = newPool();
        for (long bytes = 1; bytes <= 300; bytes++) {
            long alignmentBytes = bytes <= 8 ? 8 : 16;
            assertThat(pool.allocate(bytes) % alignmentBytes)
                    .as("remainder of a %d byte block by %d", bytes, alignmentBytes)
                    .isZero();
        }
    }

    // "whose offset in the pool is a multiple of alignmentBytes"; "alignments up to that hold for addresses too"
    @Test
    void every_alignment_up_to_64_kib_is_kept_for_every_size() {
        Pool pool = newPool();
        for (long alignmentBytes = 1; alignmentBytes <= 65_536; alignmentBytes *= 2) {
            for (long bytes : new long[] {1, 8, 24, 100, 1000, 4096, 5000, 70_000}) {
                long handle = pool.allocate(bytes, alignmentBytes);
                assertServes(pool, handle, bytes);
                assertThat(handle % alignmentBytes)
                        .as("0x%x by %d", handle, alignmentBytes)
                        .isZero();
                long addressAlignment = Math.min(alignmentBytes, 4096);
                assertThat(pool.segment(handle).address() % addressAlignment)
                        .as("address of 0x%x by %d", handle, addressAlignment)
                        .isZero();
            }
        }
    }

    // "@throws OutOfSpaceException if no contiguous room of that alignment is left"
    @Test
    void alignments_beyond_the_pool_are_kept_or_lack_room() {
        Pool pool = newPool();
        PoolStats before = pool.stats();
        for (long alignmentBytes = 131_072; alignmentBytes > 0; alignmentBytes *= 2) {
            try {
                long handle = pool.allocate(100, alignmentBytes);
                assertThat(handle % alignmentBytes)
                        .as("0x%x by %d", handle, alignmentBytes)
                        .isZero();
                pool.free(handle);
            } catch (OutOfSpaceException none) {
                assertThat(alignmentBytes).as("alignment that lacks room").isGreaterThan(before.capacityBytes() / 4);
            }
        }
        assertThat(pool.stats().liveBlocks()).isZero();
    }

    @Test
    void an_aligned_block_can_be_freed_and_its_space_reused() {
        Pool pool = newPool();
        long rounds = 4 * pool.stats().capacityBytes() / 16_384;
        for (long round = 0; round < rounds; round++) {
            long handle = pool.allocate(9000, 4096);
            assertThat(handle % 4096).isZero();
            pool.free(handle);
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "@throws IllegalArgumentException if bytes < 1"
    @Test
    void sizes_below_1_are_wrong_arguments_and_change_nothing() {
        Pool pool = newPool();
        PoolStats before = pool.stats();
        for (long bytes : NO_SIZES) {
            assertInvalidArgument(() -> pool.allocate(bytes));
            assertInvalidArgument(() -> pool.allocate(bytes, 64));
            assertInvalidArgument(() -> pool.reserve(bytes));
            assertInvalidArgument(() -> pool.allocateAll(16, bytes));
            assertInvalidArgument(() -> pool.transaction(tx -> tx.allocate(bytes)));
        }
        assertThat(pool.stats()).isEqualTo(before);
    }

    // "@throws IllegalArgumentException if ... the alignment is not a power of two"
    @Test
    void alignments_that_are_not_powers_of_two_are_wrong_arguments_and_change_nothing() {
        Pool pool = newPool();
        PoolStats before = pool.stats();
        for (long alignmentBytes : NO_ALIGNMENTS) {
            assertInvalidArgument(() -> pool.allocate(100, alignmentBytes));
        }
        assertThat(pool.stats()).isEqualTo(before);
    }

    @Test
    void sizes_beyond_the_pool_up_to_the_largest_number_lack_room_and_change_nothing() {
        Pool pool = newPool();
        PoolStats before = pool.stats();
        long capacityBytes = before.capacityBytes();
        for (long bytes : new long[] {
            capacityBytes - 1,
            capacityBytes,
            capacityBytes + 1,
            1L << 40,
            1L << 62,
            Long.MAX_VALUE - 4096,
            Long.MAX_VALUE
        }) {
            assertOutOfSpace(() -> pool.allocate(bytes));
            assertOutOfSpace(() -> pool.reserve(bytes));
            assertOutOfSpace(() -> pool.allocate(bytes, 4096));
            assertOutOfSpace(() -> pool.allocate(bytes, 1L << 62));
            assertOutOfSpace(() -> pool.allocateAll(bytes));
            assertOutOfSpace(() -> pool.allocateAll(bytes, bytes));
            assertOutOfSpace(() -> pool.transaction(tx -> tx.allocate(bytes)));
        }
        Blocks.assertStatistics(pool, 0, 0);
        assertThat(pool.stats().largestFreeBytes()).isEqualTo(before.largestFreeBytes());
    }

    @Test
    void blocks_of_mixed_sizes_keep_their_contents_beside_each_other() {
        Pool pool = newPool();
        List<Long> handles = new ArrayList<>();
        List<Long> sizes = new ArrayList<>();
        for (long bytes = 1; bytes < 200_000; bytes = bytes * 5 / 4 + 1) {
            for (int copy = 0; copy < 3; copy++) {
                long handle = pool.allocate(bytes);
                Blocks.stamp(pool.segment(handle), bytes, handle);
                handles.add(handle);
                sizes.add(bytes);
            }
        }
        for (int i = 0; i < handles.size(); i++) {
            long handle = handles.get(i);
            Blocks.assertStamped(pool.segment(handle), sizes.get(i), sizes.get(i), handle);
        }
    }

    @Test
    void freed_space_is_reused_many_times_over() {
        Pool pool = newPool();
        for (long bytes : new long[] {500, 5000, 100_000}) {
            for (long sum = 0; sum < 3 * pool.stats().capacityBytes(); sum += 4 * bytes) {
                long[] handles = pool.allocateAll(bytes, bytes, bytes, bytes);
                pool.freeAll(handles);
            }
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    @Test
    void an_error_names_what_was_asked_for() {
        Pool pool = newPool();
        assertThatThrownBy(() -> pool.allocate(-77)).hasMessageContaining("-77");
        assertThatThrownBy(() -> pool.allocate(8, 77)).hasMessageContaining("77");
        assertThatThrownBy(() -> pool.allocate(1L << 50)).hasMessageContaining(Long.toString(1L << 50));
    }

    private static void assertServes(Pool pool, long handle, long bytes) {
        long usableBytes = pool.usableBytes(handle);
        assertThat(usableBytes).as("usable bytes of a %d byte block", bytes).isGreaterThanOrEqualTo(bytes);
        assertThat(pool.isLive(handle)).as("%d byte block is live", bytes).isTrue();
        assertThat(pool.segment(handle).byteSize())
                .as("segment of a %d byte block", bytes)
                .isEqualTo(usableBytes);
        assertThat(handle).as("offset of a %d byte block", bytes).isPositive();
        assertThat(handle + usableBytes)
                .as("end of a %d byte block", bytes)
                .isLessThanOrEqualTo(pool.stats().capacityBytes());
    }
}
