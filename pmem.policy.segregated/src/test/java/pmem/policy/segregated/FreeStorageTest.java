package pmem.policy.segregated;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import pmem.api.PoolIoException;
import pmem.spi.extent.ExtentPolicy;

class FreeStorageTest {
    private static final long STEP_BYTES = 100;
    private static final long CAPACITY_BYTES = 100 * STEP_BYTES;

    private final NavigableMap<Long, Long> free = new TreeMap<>();
    private final List<Long> released = new ArrayList<>();
    private boolean refuses;

    private FreeStorage storage(int looks, long keptBytes) {
        FreeStorage.Space space = new FreeStorage.Space() {
            @Override
            public void forEachFreeRange(ExtentPolicy.RangeVisitor visitor) {
                free.forEach(visitor::visit);
            }

            @Override
            public boolean release(long offset, long endOffset) {
                if (refuses) {
                    throw new PoolIoException("refused");
                }
                released.add(offset);
                released.add(endOffset);
                return true;
            }
        };
        return new FreeStorage(space, STEP_BYTES, CAPACITY_BYTES, looks, keptBytes);
    }

    private List<Long> releasedAtLook(FreeStorage storage) {
        released.clear();
        storage.look();
        return List.copyOf(released);
    }

    @Test
    void storage_goes_back_once_it_was_free_at_so_many_looks_in_a_row() {
        FreeStorage storage = storage(3, 0);
        free.put(450L, 780L);
        assertThat(releasedAtLook(storage)).isEmpty();
        assertThat(releasedAtLook(storage)).isEmpty();
        assertThat(releasedAtLook(storage)).containsExactly(500L, 700L);
        assertThat(releasedAtLook(storage)).isEmpty();
    }

    @Test
    void a_step_used_at_a_look_is_counted_anew() {
        FreeStorage storage = storage(3, 0);
        free.put(400L, 800L);
        storage.look();
        storage.look();
        free.clear();
        free.put(400L, 550L);
        free.put(650L, 800L);
        assertThat(releasedAtLook(storage)).containsExactly(700L, 800L, 400L, 500L);
        free.clear();
        free.put(400L, 800L);
        assertThat(releasedAtLook(storage)).isEmpty();
        assertThat(releasedAtLook(storage)).isEmpty();
        assertThat(releasedAtLook(storage)).containsExactly(500L, 700L);
    }

    @Test
    void the_lowest_free_space_keeps_its_storage() {
        FreeStorage storage = storage(1, 350);
        free.put(0L, 200L);
        free.put(1000L, 1400L);
        assertThat(releasedAtLook(storage)).containsExactly(1200L, 1400L);
        free.put(0L, 400L);
        assertThat(releasedAtLook(storage)).containsExactly(1000L, 1200L);
    }

    @Test
    void few_steps_are_out_of_the_free_space_at_once_the_highest_first() {
        FreeStorage storage = storage(1, 0);
        free.put(0L, 1900L);
        assertThat(releasedAtLook(storage)).containsExactly(1100L, 1900L, 300L, 1100L, 0L, 300L);
    }

    @Test
    void what_stays_free_goes_back_again_after_a_while_since_it_may_have_been_used_between_two_looks() {
        FreeStorage storage = storage(1, 0);
        free.put(0L, 100L);
        assertThat(releasedAtLook(storage)).containsExactly(0L, 100L);
        int looks = 1;
        while (releasedAtLook(storage).isEmpty()) {
            looks++;
        }
        assertThat(looks).isEqualTo(257);
    }

    @Test
    void nothing_goes_back_where_it_cannot_or_is_not_asked_for() {
        assertThat(storage(0, 0).isActive()).isFalse();
        assertThat(new FreeStorage(unused(), 0, CAPACITY_BYTES, 1, 0).isActive())
                .isFalse();
    }

    private static FreeStorage.Space unused() {
        return new FreeStorage.Space() {
            @Override
            public void forEachFreeRange(ExtentPolicy.RangeVisitor visitor) {
                throw new AssertionError("looked at");
            }

            @Override
            public boolean release(long offset, long endOffset) {
                throw new AssertionError("released");
            }
        };
    }

    @Test
    void a_system_that_refuses_is_asked_once() {
        FreeStorage storage = storage(1, 0);
        free.put(0L, 500L);
        refuses = true;
        storage.look();
        assertThat(storage.isActive()).isFalse();
        refuses = false;
        assertThat(releasedAtLook(storage)).isEmpty();
    }
}
