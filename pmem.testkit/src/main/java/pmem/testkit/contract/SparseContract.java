package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.RecoveryReport;
import pmem.api.Size;

/** A pool whose file takes its blocks as the pool is filled, and which may be larger than its file system. */
@OnEveryFileDomain
public abstract class SparseContract extends ContractTest {
    private static final long[] SIZES = {1, 16, 100, 1000, 4096, 5000, 70_000, 1 << 20};

    /** For JUnit. */
    protected SparseContract() {}

    private Pool newSparsePool(long capacityBytes) {
        PoolOptions options = setting.options(capacityBytes).preallocate(false);
        return home().create(options);
    }

    private static List<Long> stamped(Pool pool, long[] sizes) {
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++) {
            long handle = pool.allocate(sizes[i]);
            Blocks.stamp(pool.segment(handle), sizes[i], i);
            pool.persist(handle, 0, sizes[i]);
            handles.add(handle);
        }
        return handles;
    }

    private static void assertStamped(Pool pool, List<Long> handles, long[] sizes) {
        for (int i = 0; i < sizes.length; i++) {
            Blocks.assertStamped(pool.segment(handles.get(i)), sizes[i], sizes[i], i);
        }
    }

    @Test
    void a_pool_of_a_tebibyte_opens_with_the_same_blocks_contents_and_roots() {
        Pool pool = newSparsePool(Size.tib(1));
        List<Long> handles = stamped(pool, SIZES);
        pool.setRoot("first", handles.get(0));
        SortedMap<Long, Long> before = Blocks.walk(pool);
        assertThat(pool.verify()).isEmpty();
        Pool again = home().reopen(pool);
        assertThat(again.recovery().state()).isEqualTo(RecoveryReport.State.CLEAN);
        assertThat(again.recovery().liveBlocks()).isEqualTo(SIZES.length);
        assertThat(Blocks.walk(again)).isEqualTo(before);
        assertThat(again.roots()).isEqualTo(Map.of("first", handles.get(0)));
        assertStamped(again, handles, SIZES);
        assertThat(again.verify()).isEmpty();
        for (long handle : handles) {
            again.free(handle);
        }
        assertThat(Blocks.walk(again)).isEmpty();
        assertStamped(again, stamped(again, SIZES), SIZES);
    }

    @Test
    void a_crash_leaves_the_same_blocks_and_contents() {
        Pool pool = newSparsePool(Size.mib(32));
        List<Long> handles = stamped(pool, SIZES);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        Pool crashed = home().openAsAfterCrash(pool);
        assertThat(crashed.recovery().state()).isEqualTo(RecoveryReport.State.CRASHED);
        assertThat(Blocks.walk(crashed)).isEqualTo(before);
        assertStamped(crashed, handles, SIZES);
    }

    // "When that is full, allocations that need a new step throw OutOfSpaceException."
    @Test
    void what_the_file_system_has_no_room_for_is_out_of_space_and_the_rest_goes_on() throws IOException {
        // More than there is in all: a file system refuses that at once, and does not take what others use beside this
        // until it is full.
        long tooMuch = Files.getFileStore(home().newPath().getParent()).getTotalSpace() + Size.gib(1);
        // The buddy policy serves up to a quarter of a fresh space.
        Pool pool = newSparsePool(Math.min(Size.tib(3), 8 * tooMuch));
        List<Long> handles = stamped(pool, SIZES);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        long used = pool.usedBytes();
        assertThatThrownBy(() -> pool.allocate(tooMuch)).isInstanceOf(OutOfSpaceException.class);
        assertThat(Blocks.walk(pool)).isEqualTo(before);
        assertThat(pool.usedBytes()).isEqualTo(used);
        assertStamped(pool, handles, SIZES);
        pool.free(pool.allocate(5000));
    }
}
