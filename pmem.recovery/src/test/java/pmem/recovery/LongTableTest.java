package pmem.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A table does what a map of rows does, whatever rows share places, and loses nothing of several threads. */
class LongTableTest {
    /** The first four numbers of a row. */
    private record Row(long first, long second, long third, long fourth) {}

    private static final int STEPS = 50_000;
    private static final int THREADS = 4;

    private final long seed = Long.getLong("pmem.seed", 20260301);
    private final LongTable table = new LongTable();

    @Test
    void rows_are_those_of_a_map_on_random_histories() {
        // Few keys are there and not there in turn, many fill stripes and enlarge them.
        for (int keys : new int[] {3, 40, 700, 20_000}) {
            compareWithMap(keys);
        }
    }

    private void compareWithMap(int keys) {
        Random random = new Random(seed + keys);
        Map<Long, Row> model = new HashMap<>();
        for (int step = 0; step < STEPS; step++) {
            long key = 4096 + 64L * random.nextInt(keys) + (random.nextInt(8) == 0 ? 1 : 0);
            long number = 1L + random.nextInt(3);
            change(random.nextInt(5), key, number, step, model);
            Row row = model.get(key);
            assertThat(table.contains(key)).as(place(keys, step)).isEqualTo(row != null);
            assertThat(table.get(key, 3))
                    .as(place(keys, step))
                    .isEqualTo(row == null ? LongTable.ABSENT : row.fourth());
        }
        assertSame(model);
        model.forEach((key, row) -> assertThat(table.take(key, row.first(), row.second(), 2))
                .as("third number of key %d, -Dpmem.seed=%d", key, seed)
                .isEqualTo(row.third()));
        assertSame(Map.of());
    }

    private void change(int kind, long key, long number, int step, Map<Long, Row> model) {
        Row row = model.get(key);
        switch (kind) {
            case 0 -> {
                table.put(key, number, step, -step, key);
                model.put(key, new Row(number, step, -step, key));
            }
            case 1 -> {
                assertThat(table.putIfAbsent(key, number)).isEqualTo(row == null);
                model.putIfAbsent(key, new Row(number, 0, 0, 0));
            }
            case 2 -> {
                long addend = row != null && number == 1 ? -row.first() : number;
                table.add(key, addend);
                long sum = addend + (row == null ? 0 : row.first());
                model.put(key, new Row(sum, 0, 0, 0));
                model.values().removeIf(changed -> changed.first() == 0);
            }
            default -> {
                boolean same = row != null && row.first() == number;
                long second = row == null ? 0 : row.second();
                assertThat(table.take(key, number, second, 0)).isEqualTo(same ? number : LongTable.ABSENT);
                assertThat(table.take(key, -9, second, 0)).as("another row's").isEqualTo(LongTable.ABSENT);
                if (same) {
                    model.remove(key);
                }
            }
        }
    }

    private String place(int keys, int step) {
        return "keys=" + keys + " step=" + step + " -Dpmem.seed=" + seed;
    }

    private void assertSame(Map<Long, Row> model) {
        Map<Long, Row> found = new HashMap<>();
        table.forEach((key, first, second, third, fourth) -> found.put(key, new Row(first, second, third, fourth)));
        assertThat(found).as("rows, -Dpmem.seed=%d", seed).isEqualTo(model);
        assertThat(table.count()).as("number of rows").isEqualTo(model.size());
    }

    @Test
    void of_several_threads_that_take_a_row_one_gets_it_and_no_addition_is_lost() throws Exception {
        int rows = 20_000;
        for (long key = 1; key <= rows; key++) {
            table.put(key, 7, 8, key, 0);
        }
        long shared = rows + 1L;
        long sum = 0;
        for (long taken : inThreads(() -> {
            long mine = 0;
            for (long key = 1; key <= rows; key++) {
                mine += Math.max(0, table.take(key, 7, 8, 2));
                table.add(shared, 1);
                long own = shared + key + rows * Thread.currentThread().threadId();
                assertThat(table.putIfAbsent(own, 1)).isTrue();
                assertThat(table.take(own, 1, 0, 0)).isEqualTo(1);
            }
            return mine;
        })) {
            sum += taken;
        }
        assertThat(sum).as("sum of the rows taken").isEqualTo(rows * (rows + 1L) / 2);
        assertThat(table.get(shared, 0)).as("additions").isEqualTo((long) THREADS * rows);
        assertThat(table.count()).isEqualTo(1);
    }

    private static List<Long> inThreads(Callable<Long> body) throws ExecutionException, InterruptedException {
        List<Long> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Long>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                running.add(threads.submit(body));
            }
            for (Future<Long> one : running) {
                results.add(one.get());
            }
        }
        return results;
    }
}
