package pmem.spi.extent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnitBitsTest {
    private static final int[] COUNTS = {1, 63, 64, 65, 200, 256};

    @Test
    void ranges_and_searches_are_those_of_a_bit_set() {
        long seed = Long.getLong("pmem.seed", 20260201);
        Random random = new Random(seed);
        for (int count : COUNTS) {
            UnitBits bits = new UnitBits(count);
            BitSet model = new BitSet(count);
            for (int step = 0; step < 2000; step++) {
                int from = random.nextInt(count + 1);
                int end = from + random.nextInt(count + 1 - from);
                boolean value = random.nextInt(3) > 0;
                bits.set(from, end, value);
                model.set(from, end, value);
                assertSame(bits, model, count, random, "count=" + count + " step=" + step + " -Dpmem.seed=" + seed);
            }
        }
    }

    private static void assertSame(UnitBits bits, BitSet model, int count, Random random, String where) {
        int at = random.nextInt(count);
        int end = at + random.nextInt(count + 1 - at);
        assertThat(bits.get(at)).as("bit, %s", where).isEqualTo(model.get(at));
        assertThat(bits.nextSet(at)).as("next, %s", where).isEqualTo(model.nextSetBit(at));
        assertThat(bits.previousSet(at)).as("previous, %s", where).isEqualTo(model.previousSetBit(at));
        assertThat(bits.isSet(at, end)).as("all set, %s", where).isEqualTo(model.nextClearBit(at) >= end);
        assertThat(bits.cardinality()).as("number, %s", where).isEqualTo(model.cardinality());
    }
}
