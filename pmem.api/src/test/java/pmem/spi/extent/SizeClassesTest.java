package pmem.spi.extent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SizeClassesTest {
    private static final int LARGEST_BYTES = 16_384;

    @Test
    void the_class_is_the_smallest_that_holds_the_size() {
        for (SizeClasses classes : ladders()) {
            for (int bytes = 1; bytes <= LARGEST_BYTES; bytes++) {
                int classIndex = classes.classOf(bytes);
                assertThat(classes.bytes(classIndex)).isGreaterThanOrEqualTo(bytes);
                assertThat(classIndex == 0 || classes.bytes(classIndex - 1) < bytes)
                        .isTrue();
            }
            assertThat(classes.classOf(LARGEST_BYTES + 1)).isEqualTo(-1);
            assertThat(classes.classOf(Long.MAX_VALUE)).isEqualTo(-1);
        }
    }

    @Test
    void four_steps_a_doubling_waste_less_than_a_fifth_of_a_block() {
        assertThat(largestWaste(SizeClasses.stepped(4, LARGEST_BYTES))).isLessThan(1.0 / 5);
    }

    @Test
    void eight_steps_a_doubling_waste_less_than_a_ninth_of_a_block() {
        assertThat(largestWaste(SizeClasses.stepped(8, LARGEST_BYTES))).isLessThan(1.0 / 9);
    }

    @Test
    void all_sizes_are_multiples_of_16_bytes() {
        for (SizeClasses classes : ladders()) {
            for (int i = 0; i < classes.count(); i++) {
                assertThat(classes.bytes(i) % SizeClasses.GRANULE_BYTES).isZero();
            }
        }
    }

    @Test
    void an_aligned_class_has_a_size_that_is_a_multiple_of_the_alignment() {
        SizeClasses classes = SizeClasses.stepped(4, LARGEST_BYTES);
        for (long alignment = 1; alignment <= LARGEST_BYTES; alignment *= 2) {
            for (int bytes = 1; bytes <= LARGEST_BYTES; bytes += 13) {
                int size = classes.bytes(classes.classOf(bytes, alignment));
                assertThat(size % alignment == 0 || alignment <= SizeClasses.GRANULE_BYTES)
                        .isTrue();
                assertThat(size).isGreaterThanOrEqualTo(bytes);
            }
        }
        assertThat(classes.classOf(1, 2L * LARGEST_BYTES)).isEqualTo(-1);
    }

    private static SizeClasses[] ladders() {
        return new SizeClasses[] {
            SizeClasses.stepped(4, LARGEST_BYTES),
            SizeClasses.stepped(8, LARGEST_BYTES),
            SizeClasses.powersOfTwo(64, LARGEST_BYTES)
        };
    }

    /** Above 128 bytes. */
    private static double largestWaste(SizeClasses classes) {
        double largest = 0;
        for (int bytes = 129; bytes <= LARGEST_BYTES; bytes++) {
            int size = classes.bytes(classes.classOf(bytes));
            largest = Math.max(largest, (double) (size - bytes) / size);
        }
        return largest;
    }
}
