package pmem.spi.extent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageBitsTest {
    private static final int PAGES = 3 * PageBits.PART_PAGES + 1000;

    @Test
    void agrees_with_a_plain_set_on_random_histories() {
        for (long seed = 0; seed < 20; seed++) {
            compareWithModel(seed);
        }
    }

    private static void compareWithModel(long seed) {
        Random random = new Random(seed);
        PageBits bits = new PageBits(PAGES);
        BitSet model = new BitSet();
        for (int step = 0; step < 300; step++) {
            String place = "seed " + seed + " step " + step;
            boolean value = random.nextInt(3) != 0;
            int page = random.nextInt(PAGES);
            int pages = Math.min(PAGES - page, 1 + random.nextInt(random.nextInt(20) == 0 ? PAGES : 100));
            int same = value ? model.nextSetBit(page) : model.nextClearBit(page);
            assertThat(bits.setRange(page, pages, value))
                    .as(place)
                    .isEqualTo(same < 0 || same >= page + pages ? -1 : same);
            model.set(page, page + pages, value);
            int from = random.nextInt(PAGES);
            int limit = from + random.nextInt(PAGES - from + 1);
            int nextSet = model.nextSetBit(from);
            assertThat(bits.next(from, limit, true))
                    .as(place)
                    .isEqualTo(nextSet < 0 ? limit : Math.min(nextSet, limit));
            assertThat(bits.next(from, limit, false)).as(place).isEqualTo(Math.min(model.nextClearBit(from), limit));
            assertThat(bits.get(from)).as(place).isEqualTo(model.get(from));
        }
    }

    @Test
    void parts_in_which_nothing_was_set_stay_blank() {
        PageBits bits = new PageBits(PAGES);
        bits.setRange(PageBits.PART_PAGES, 1, true);
        assertThat(bits.isBlankAt(PageBits.PART_PAGES - 1)).isTrue();
        assertThat(bits.isBlankAt(2 * PageBits.PART_PAGES - 1)).isFalse();
        assertThat(bits.isBlankAt(2 * PageBits.PART_PAGES)).isTrue();
        assertThat(bits.isBlankAt(PAGES - 1)).isTrue();
    }

    @Test
    void a_copy_does_not_change_with_the_original() {
        PageBits bits = new PageBits(PAGES);
        bits.setRange(10, 5, true);
        PageBits copy = bits.copy();
        bits.setRange(12, 1, false);
        copy.setRange(PAGES - 1, 1, true);
        assertThat(copy.next(12, PAGES, false)).isEqualTo(15);
        assertThat(bits.get(PAGES - 1)).isFalse();
    }

    @Test
    void the_largest_table_has_a_last_page() {
        PageBits bits = new PageBits(ExtentTableLayout.PAGES_MAX);
        int last = ExtentTableLayout.PAGES_MAX - 1;
        bits.setRange(last, 1, true);
        assertThat(bits.next(0, ExtentTableLayout.PAGES_MAX, true)).isEqualTo(last);
        assertThat(bits.next(last, ExtentTableLayout.PAGES_MAX, false)).isEqualTo(ExtentTableLayout.PAGES_MAX);
    }
}
