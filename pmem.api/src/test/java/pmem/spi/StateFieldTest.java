package pmem.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** State fields in words that other fields share. */
class StateFieldTest {
    private static final long WORD_OFFSET = 64;

    private final HeapRegion region = new HeapRegion(4096);

    @Test
    void to_clear_a_field_gives_what_it_had_once_and_leaves_its_neighbours() {
        for (int width = 1; width <= Long.SIZE; width++) {
            for (int shift = 0; shift + width <= Long.SIZE; shift++) {
                long field = StateField.of(WORD_OFFSET, shift, width);
                region.storePlain(WORD_OFFSET, -1L);
                assertThat(StateField.clear(region, field)).isEqualTo(-1L >>> (Long.SIZE - width));
                assertThat(region.loadPlain(WORD_OFFSET)).isEqualTo(~StateField.mask(field));
                assertThat(StateField.clear(region, field))
                        .as("what a second one gets")
                        .isZero();
            }
        }
    }
}
