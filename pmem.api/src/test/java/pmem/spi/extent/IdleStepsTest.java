package pmem.spi.extent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What an idle owner gives up at each look. */
class IdleStepsTest {
    @Test
    void an_owner_in_use_gives_up_nothing() {
        assertThat(IdleSteps.due(0, 100)).isZero();
    }

    @Test
    void each_idle_look_takes_twice_as_many_as_the_one_before_up_to_the_most() {
        assertThat(LongStream.rangeClosed(1, 6).mapToInt(looks -> IdleSteps.due(looks, 10)))
                .containsExactly(1, 2, 4, 8, 10, 10);
    }

    @Test
    void nothing_is_due_where_the_most_is_nothing() {
        assertThat(IdleSteps.due(3, 0)).isZero();
    }

    @Test
    void steps_do_not_wrap_around_however_long_an_owner_is_idle() {
        assertThat(LongStream.of(31, 32, 33, 64, 65, Long.MAX_VALUE)
                        .mapToInt(looks -> IdleSteps.due(looks, Integer.MAX_VALUE)))
                .containsOnly(1 << 30);
    }
}
