package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.ObjLongConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.Pool;

/** Handles that do not name a live block: free, foreign, inside a block, misaligned, out of the pool. */
@OnEveryDomain
public abstract class HandleContract extends ContractTest {
    private static final long[] BLOCK_SIZES = {8, 100, 3000, 20_000, 1 << 20};

    /** For JUnit. */
    protected HandleContract() {}

    // "@throws InvalidHandleException if the handle does not name a live block"
    @Test
    void every_method_that_takes_a_handle_refuses_those_that_name_no_block() {
        Pool pool = newPool();
        long[] handles = pool.allocateAll(BLOCK_SIZES);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        for (long block : handles) {
            for (long wrong : strangersNear(block, pool.stats().capacityBytes())) {
                assertThat(pool.isLive(wrong)).as("0x%x is live", wrong).isFalse();
                assertRefusedEverywhere(pool, wrong);
            }
        }
        assertThat(Blocks.walk(pool)).isEqualTo(before);
    }

    // "again: InvalidHandleException"
    @Test
    void a_freed_block_is_refused_everywhere_until_it_is_handed_out_again() {
        Pool pool = newPool();
        for (long bytes : BLOCK_SIZES) {
            long handle = pool.allocate(bytes);
            pool.free(handle);
            assertThat(pool.isLive(handle)).isFalse();
            assertRefusedEverywhere(pool, handle);
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    @Test
    void handles_inside_a_block_are_refused_at_every_offset() {
        Pool pool = newPool();
        for (long bytes : new long[] {8, 100, 3000, 20_000}) {
            long handle = pool.allocate(bytes);
            for (long inside = handle + 1; inside < handle + pool.usableBytes(handle); inside++) {
                assertThat(pool.isLive(inside))
                        .as("0x%x inside 0x%x", inside, handle)
                        .isFalse();
            }
        }
        long large = pool.allocate(1 << 20);
        for (long inside = large + 64; inside < large + (1 << 20); inside += 64) {
            long offset = inside;
            assertInvalidHandle(() -> pool.free(offset));
        }
        assertThat(pool.stats().liveBlocks()).isEqualTo(5);
    }

    @Test
    void exactly_the_live_blocks_are_live_among_all_words_of_the_pool() {
        Pool pool = newPool();
        long[] handles = pool.allocateAll(1, 16, 17, 64, 500, 5000, 5001, 66_000);
        pool.free(handles[3]);
        handles[3] = Handles.NONE;
        long[] found = LongStream.iterate(0, offset -> offset < pool.stats().capacityBytes(), offset -> offset + 8)
                .filter(pool::isLive)
                .toArray();
        assertThat(found)
                .containsExactlyInAnyOrder(LongStream.of(handles)
                        .filter(handle -> handle != Handles.NONE)
                        .toArray());
    }

    @Test
    void handles_of_another_pool_are_refused_where_this_one_has_no_block() {
        Pool pool = newPool();
        Pool other = newPool();
        long foreign = other.allocate(1000);
        assertRefusedEverywhere(pool, foreign);
        assertThat(other.isLive(foreign)).isTrue();
    }

    // "Never throws for any value."
    @Test
    void asking_whether_a_handle_is_live_never_throws() {
        withRandom(random -> {
            Pool pool = newPool();
            pool.allocateAll(BLOCK_SIZES);
            SortedMap<Long, Long> live = Blocks.walk(pool);
            for (int i = 0; i < 20_000; i++) {
                long handle = random.nextLong() >> random.nextInt(64);
                assertThat(pool.isLive(handle)).as("0x%x is live", handle).isEqualTo(live.containsKey(handle));
            }
        });
    }

    @Test
    void a_refusal_names_the_handle() {
        Pool pool = newPool();
        long handle = pool.allocate(64);
        pool.free(handle);
        for (ObjLongConsumer<Pool> call : takers().values()) {
            try {
                call.accept(pool, handle);
            } catch (InvalidHandleException refusal) {
                assertThat(refusal).hasMessageContaining(Handles.format(handle));
            }
        }
    }

    private static void assertRefusedEverywhere(Pool pool, long handle) {
        takers().forEach((name, call) -> {
            try {
                call.accept(pool, handle);
            } catch (InvalidHandleException expected) {
                return;
            } catch (RuntimeException other) {
                throw new AssertionError(
                        name + " of 0x" + Long.toHexString(handle) + ": expected InvalidHandleException", other);
            }
            throw new AssertionError(name + " of 0x" + Long.toHexString(handle) + " was not refused");
        });
    }

    private static Map<String, ObjLongConsumer<Pool>> takers() {
        Map<String, ObjLongConsumer<Pool>> takers = new LinkedHashMap<>();
        takers.put("free", Pool::free);
        takers.put("freeAll", (pool, handle) -> pool.freeAll(handle));
        takers.put("publish", Pool::publish);
        takers.put("cancel", Pool::cancel);
        takers.put("reallocate", (pool, handle) -> pool.reallocate(handle, 1));
        takers.put("segment", Pool::segment);
        takers.put("usableBytes", Pool::usableBytes);
        takers.put("persist", (pool, handle) -> pool.persist(handle, 0, 0));
        takers.put("writeBack", (pool, handle) -> pool.writeBack(handle, 0, 0));
        takers.put("tx.free", (pool, handle) -> pool.transaction(tx -> tx.free(handle)));
        takers.put("tx.set", (pool, handle) -> pool.transaction(tx -> tx.set(handle, 0, 1)));
        takers.put("tx.segment", (pool, handle) -> pool.transaction(tx -> tx.segment(handle)));
        return takers;
    }

    // No block: none, negative, misaligned, metadata, behind the end, and offsets that differ in one high bit only.
    private static long[] strangersNear(long block, long capacityBytes) {
        LongStream.Builder wrong = LongStream.builder();
        for (long fixed : new long[] {
            Handles.NONE,
            -1,
            -8,
            1,
            8,
            64,
            4096,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Long.MAX_VALUE - 7,
            capacityBytes - 1,
            capacityBytes,
            capacityBytes + 4096,
            -block,
            ~block,
            block + 1,
            block - 1,
            block + 4,
            block + 7
        }) {
            wrong.add(fixed);
        }
        for (int bit = 40; bit < 64; bit++) {
            wrong.add(block ^ (1L << bit));
        }
        return wrong.build().toArray();
    }
}
