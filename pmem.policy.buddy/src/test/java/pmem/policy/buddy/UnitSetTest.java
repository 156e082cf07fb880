package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnitSetTest {
    private static final int FIRST_UNIT = 1234;
    private static final int UNITS = 300_000;

    @Test
    void tells_whether_a_run_is_new_on_random_histories() {
        for (long seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            UnitSet set = new UnitSet(FIRST_UNIT, UNITS);
            BitSet model = new BitSet();
            for (int step = 0; step < 200; step++) {
                int start = random.nextInt(UNITS);
                int length = Math.min(UNITS - start, 1 + random.nextInt(random.nextInt(10) == 0 ? UNITS : 50));
                int taken = model.nextSetBit(start);
                boolean expected = taken < 0 || taken >= start + length;
                assertThat(set.addRun(FIRST_UNIT + start, length))
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(expected);
                model.set(start, start + length);
            }
        }
    }

    @Test
    void a_run_over_nearly_everything_costs_nearly_nothing() {
        long units = HeadTagLayout.UNIT_COUNT_MAX;
        UnitSet set = new UnitSet(1, units);
        assertThat(set.addRun(2, units - 2)).isTrue();
        assertThat(set.addRun(1, 1)).isTrue();
        assertThat(set.addRun(units / 2, 1)).isFalse();
    }
}
