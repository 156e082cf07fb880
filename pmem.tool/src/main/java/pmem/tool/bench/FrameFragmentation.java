package pmem.tool.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;

/**
 * After LLFree's benchmark of fragmentation: a pool is filled with frames, a random half is freed, then in each round a tenth of the
 * live frames is replaced at random. Counted after each round: the areas of 2 MiB that are free as a whole.
 *
 * @param policy the policy
 * @param areas areas of the pool
 * @param freeAreas free ones before the first round and after each
 * @param largestBytes the largest block that can be allocated at the end
 */
record FrameFragmentation(String policy, int areas, List<Integer> freeAreas, long largestBytes) {
    private static final long AREA_BYTES = Size.mib(2);
    private static final int ROUNDS = 20;
    private static final int REPLACED_SHARE = 10;

    static FrameFragmentation of(String policy, long capacityBytes, long frameBytes) {
        try (Pool pool = Pool.openVolatile(PoolOptions.create(capacityBytes).policy(policy))) {
            SplittableRandom random = new SplittableRandom(1);
            long[] frames = fill(pool, capacityBytes, frameBytes);
            shuffle(frames, random);
            int live = frames.length / 2;
            for (int i = live; i < frames.length; i++) {
                pool.free(frames[i]);
            }
            int areas = Math.toIntExact(capacityBytes / AREA_BYTES);
            List<Integer> freeAreas = new ArrayList<>(List.of(freeAreas(pool, areas)));
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < live / REPLACED_SHARE; i++) {
                    int index = random.nextInt(live);
                    pool.free(frames[index]);
                    frames[index] = pool.allocate(frameBytes);
                }
                freeAreas.add(freeAreas(pool, areas));
            }
            return new FrameFragmentation(
                    policy, areas, Collections.unmodifiableList(freeAreas), largest(pool, capacityBytes));
        }
    }

    private static long[] fill(Pool pool, long capacityBytes, long frameBytes) {
        long[] frames = new long[Math.toIntExact(capacityBytes / frameBytes)];
        int filled = 0;
        try {
            for (; filled < frames.length; filled++) {
                frames[filled] = pool.allocate(frameBytes);
            }
        } catch (OutOfSpaceException full) {
            // The pool's own data takes the rest.
        }
        return Arrays.copyOf(frames, filled);
    }

    private static void shuffle(long[] frames, SplittableRandom random) {
        for (int i = frames.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            long swapped = frames[i];
            frames[i] = frames[j];
            frames[j] = swapped;
        }
    }

    // A handle is an offset in the pool.
    private static int freeAreas(Pool pool, int areas) {
        boolean[] taken = new boolean[areas];
        pool.forEachBlock((handle, usableBytes) -> {
            for (long area = handle / AREA_BYTES; area <= (handle + usableBytes - 1) / AREA_BYTES; area++) {
                taken[(int) Math.min(area, areas - 1L)] = true;
            }
        });
        int free = 0;
        for (boolean any : taken) {
            free += any ? 0 : 1;
        }
        return free;
    }

    private static long largest(Pool pool, long capacityBytes) {
        for (long bytes = Long.highestOneBit(capacityBytes); bytes > 0; bytes /= 2) {
            try {
                pool.free(pool.allocate(bytes));
                return bytes;
            } catch (OutOfSpaceException tooLarge) {
                // Half of it may fit.
            }
        }
        return 0;
    }

    static List<List<String>> table(List<FrameFragmentation> courses) {
        List<List<String>> table = new ArrayList<>();
        table.add(List.of(
                "half of the frames freed at random",
                "free areas of 2 MiB, of all",
                "after 10 rounds",
                "after 20 rounds",
                "largest block then"));
        for (FrameFragmentation course : courses) {
            table.add(List.of(
                    course.policy,
                    course.freeAreas.getFirst() + " of " + course.areas,
                    Integer.toString(course.freeAreas.get(ROUNDS / 2)),
                    Integer.toString(course.freeAreas.getLast()),
                    Size.format(course.largestBytes)));
        }
        return table;
    }

    /** Rows of the file of figures: {@code x} is the percentage of areas that are free. */
    List<List<String>> csv(int columns) {
        List<List<String>> rows = new ArrayList<>();
        for (int round = 0; round < freeAreas.size(); round++) {
            List<String> row = new ArrayList<>(List.of(
                    "fragmentation",
                    "pmem",
                    policy,
                    "volatile",
                    "1",
                    String.format(Locale.ROOT, "%.3f", 100.0 * freeAreas.get(round) / areas),
                    Integer.toString(round)));
            while (row.size() < columns) {
                row.add("");
            }
            rows.add(row);
        }
        return rows;
    }
}
