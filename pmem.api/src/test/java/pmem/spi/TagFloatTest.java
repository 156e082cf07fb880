package pmem.spi;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class TagFloatTest {
    @Test
    void every_tag_has_a_length_that_has_that_tag() {
        for (int tag = 1; tag <= TagFloat.TAG_MAX; tag++) {
            assertThat(TagFloat.tagFor(TagFloat.lengthUnits(tag)))
                    .as("tag %d", tag)
                    .isEqualTo(tag);
        }
    }

    @Test
    void a_greater_tag_is_a_greater_length() {
        for (int tag = 1; tag <= TagFloat.TAG_MAX; tag++) {
            assertThat(TagFloat.lengthUnits(tag)).as("tag %d", tag).isGreaterThan(TagFloat.lengthUnits(tag - 1));
        }
    }

    @Test
    void the_tags_of_the_format_do_not_change() {
        assertThat(TagFloat.lengthUnits(TagFloat.NONE)).isZero();
        for (int units = 1; units <= 16; units++) {
            assertThat(TagFloat.tagFor(units)).isEqualTo(units);
        }
        assertThat(TagFloat.lengthUnits(17)).isEqualTo(18);
        assertThat(TagFloat.lengthUnits(23)).isEqualTo(30);
        assertThat(TagFloat.lengthUnits(24)).isEqualTo(32);
        assertThat(TagFloat.lengthUnits(25)).isEqualTo(36);
        assertThat(TagFloat.lengthUnits(31)).isEqualTo(60);
        assertThat(TagFloat.lengthUnits(128)).isEqualTo(1 << 18);
        assertThat(TagFloat.lengthUnits(TagFloat.TAG_MAX)).isEqualTo(15L << 30);
    }

    @Test
    void every_power_of_two_up_to_the_largest_order_has_a_tag() {
        for (int order = 0; order <= TagFloat.ORDER_MAX; order++) {
            long units = 1L << order;
            assertThat(TagFloat.lengthUnits(TagFloat.tagFor(units))).isEqualTo(units);
            assertThat(TagFloat.orderOf(units)).isEqualTo(order);
            assertThat(TagFloat.orderOf(units + 1)).isEqualTo(order + 1);
        }
    }

    @Test
    void short_lengths_are_rounded_up_to_the_next_length_there_is() {
        int tag = 1;
        for (long units = 1; units <= 1 << 16; units++) {
            if (units > TagFloat.lengthUnits(tag)) {
                tag++;
            }
            assertThat(TagFloat.tagFor(units)).as("units %d", units).isEqualTo(tag);
        }
    }

    @Property
    void rounding_up_adds_less_than_an_eighth_and_crosses_no_power_of_two(
            @ForAll @LongRange(min = 1, max = 1L << TagFloat.ORDER_MAX) long units) {
        int tag = TagFloat.tagFor(units);
        long length = TagFloat.lengthUnits(tag);
        assertThat(length).isGreaterThanOrEqualTo(units);
        assertThat((length - units) * 8).isLessThan(units);
        assertThat(TagFloat.lengthUnits(tag - 1)).isLessThan(units);
        assertThat(TagFloat.orderOf(length)).isEqualTo(TagFloat.orderOf(units));
    }
}
