package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FreeBitmapTest {
    @Property
    void behaves_as_a_sorted_set(
            @ForAll @IntRange(min = 1, max = 20_000) int limit,
            @ForAll int[] numbers,
            @ForAll @IntRange(max = 20_000) int from) {
        FreeBitmap bitmap = new FreeBitmap(limit);
        TreeSet<Long> model = new TreeSet<>();
        for (int number : numbers) {
            long member = Math.floorMod(number, limit);
            if (model.add(member)) {
                bitmap.add(member);
            } else {
                model.remove(member);
                bitmap.remove(member);
            }
            assertThat(bitmap.contains(member)).isEqualTo(model.contains(member));
            assertThat(bitmap.first()).isEqualTo(model.isEmpty() ? FreeBitmap.NONE : model.first());
        }
        Long next = model.ceiling((long) from);
        assertThat(bitmap.next(from)).isEqualTo(next == null ? FreeBitmap.NONE : next);
        assertThat(bitmap.isEmpty()).isEqualTo(model.isEmpty());
        assertThat(bitmap.summariesHold()).isTrue();
    }

    @Test
    void numbers_outside_its_limits_are_no_members() {
        FreeBitmap bitmap = new FreeBitmap(65);
        for (long number = 0; number < 65; number++) {
            bitmap.add(number);
        }
        assertThat(bitmap.contains(-1)).isFalse();
        assertThat(bitmap.contains(64)).isTrue();
        assertThat(bitmap.contains(65)).isFalse();
        assertThat(bitmap.contains(Long.MIN_VALUE)).isFalse();
        assertThat(bitmap.next(65)).isEqualTo(FreeBitmap.NONE);
    }

    @Test
    void a_member_is_found_through_every_level_of_summaries() {
        long limit = (1L << 24) + 1;
        FreeBitmap bitmap = new FreeBitmap(limit);
        bitmap.add(limit - 1);
        assertThat(bitmap.first()).isEqualTo(limit - 1);
        bitmap.add(4097);
        assertThat(bitmap.first()).isEqualTo(4097);
        assertThat(bitmap.next(4098)).isEqualTo(limit - 1);
        bitmap.remove(4097);
        bitmap.remove(limit - 1);
        assertThat(bitmap.first()).isEqualTo(FreeBitmap.NONE);
        assertThat(bitmap.summariesHold()).isTrue();
    }
}
