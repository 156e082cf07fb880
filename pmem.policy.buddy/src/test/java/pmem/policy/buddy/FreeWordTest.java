package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FreeWordTest {
    private static boolean isFree(long word, int start, int order) {
        long mask = FreeWord.mask(start, 1 << order);
        return (word & mask) == mask;
    }

    /** Order of the largest free block that a place lies in, looked for block by block. */
    private static int orderAround(long word, int place) {
        int order = FreeWord.NONE;
        while (order < FreeWord.ORDER_MAX && isFree(word, place & -(1 << (order + 1)), order + 1)) {
            order++;
        }
        return order;
    }

    /** Words with free blocks of all orders, which random bits seldom have. */
    private static long word(long bits, int spread) {
        long word = bits;
        for (int i = 0; i < spread; i++) {
            word |= word << (1 << i);
        }
        return word;
    }

    @Property(tries = 5000)
    void the_largest_order_is_that_of_a_search(@ForAll long bits, @ForAll @IntRange(max = 5) int spread) {
        long word = word(bits, spread);
        int largest = FreeWord.NONE;
        for (int place = 0; place < 64; place++) {
            largest = (word >>> place & 1) == 0 ? largest : Math.max(largest, orderAround(word, place));
        }
        assertThat(FreeWord.largestOrder(word)).isEqualTo(largest);
    }

    @Property(tries = 5000)
    void a_found_block_is_the_lowest_of_the_smallest_that_suffice(
            @ForAll long bits, @ForAll @IntRange(max = 5) int spread, @ForAll @IntRange(max = 6) int wantedOrder) {
        long word = word(bits, spread);
        if (FreeWord.largestOrder(word) < wantedOrder) {
            return;
        }
        int best = -1;
        int bestOrder = FreeWord.ORDER_MAX + 1;
        for (int place = 0; place < 64; place += 1 << wantedOrder) {
            if (isFree(word, place, wantedOrder) && orderAround(word, place) < bestOrder) {
                best = place;
                bestOrder = orderAround(word, place);
            }
        }
        assertThat(FreeWord.find(word, wantedOrder)).isEqualTo(best);
    }

    @Test
    void a_full_and_an_empty_word_have_the_largest_and_no_block() {
        assertThat(FreeWord.largestOrder(-1)).isEqualTo(6);
        assertThat(FreeWord.largestOrder(0)).isEqualTo(FreeWord.NONE);
        assertThat(FreeWord.mask(0, 64)).isEqualTo(-1);
        assertThat(FreeWord.mask(63, 1)).isEqualTo(Long.MIN_VALUE);
    }
}
