package pmem.spi.extent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExtentWordTest {
    private static final int PAGE = 4711;

    @Test
    void a_word_gives_back_what_it_was_made_of() {
        long large = ExtentWord.large(PAGE, ExtentTableLayout.PAGES_MAX);
        assertThat(ExtentWord.isValid(large, PAGE)).isTrue();
        assertThat(ExtentWord.isLarge(large)).isTrue();
        assertThat(ExtentWord.pages(large)).isEqualTo(ExtentTableLayout.PAGES_MAX);

        long slab = ExtentWord.slab(PAGE, 17, 255);
        assertThat(ExtentWord.isValid(slab, PAGE)).isTrue();
        assertThat(ExtentWord.isLarge(slab)).isFalse();
        assertThat(ExtentWord.pages(slab)).isEqualTo(17);
        assertThat(ExtentWord.classIndex(slab)).isEqualTo(255);
    }

    @Test
    void the_words_of_format_version_1_stay_what_they_are() {
        assertThat(ExtentWord.large(0, 1)).isEqualTo(0x1293000000000401L);
        assertThat(ExtentWord.slab(3, 4, 5)).isEqualTo(0xce32000000001016L);
    }

    @Test
    void every_damage_of_one_or_two_bits_is_recognised() {
        long word = ExtentWord.slab(PAGE, 4, 9);
        for (int first = 0; first < Long.SIZE; first++) {
            for (int second = 0; second < Long.SIZE; second++) {
                long damaged = word ^ (1L << first) ^ (first == second ? 0 : 1L << second);
                assertThat(ExtentWord.isValid(damaged, PAGE)).isFalse();
            }
        }
    }

    @Test
    void a_word_at_another_page_is_recognised() {
        long word = ExtentWord.large(PAGE, 4);
        for (int page = PAGE - 500; page < PAGE + 500; page++) {
            assertThat(ExtentWord.isValid(word, page)).isEqualTo(page == PAGE);
        }
    }

    @Test
    void zero_and_all_ones_are_no_words() {
        assertThat(ExtentWord.isValid(0, PAGE)).isFalse();
        assertThat(ExtentWord.isValid(-1L, PAGE)).isFalse();
    }
}
