package pmem.policy.bitmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.spi.PolicyAccess;
import pmem.spi.StateField;

/** Where a block is looked for, in which order, and how many looks that takes. */
class BitmapSearchTest {
    private static final long MIB = 1 << 20;
    private static final int PAGE_BYTES = 4096;
    private static final int FREE_BLOCKS = 300;
    private static final String LOOK = "bitmap.look-at-word";
    private static final String ARENA_MADE = "extent.slab-durable";

    @Test
    void the_one_free_block_is_found_with_as_few_looks_among_a_hundred_thousand_arenas_as_among_a_hundred() {
        Map<String, Long> fourBlocksEach = Map.of("pageBytes", 256L, "arenaBytes", 256L, "growth", 0L);
        for (int arenas : new int[] {100, 10_000, 100_000}) {
            Heap heap = Heap.create(arenas * 280L, fourBlocksEach);
            List<Long> blocks = reserveAll(heap, 64);
            assertThat(blocks).hasSizeGreaterThan(arenas * 4 * 9 / 10);
            for (int freed : new int[] {0, blocks.size() / 2, blocks.size() - 1}) {
                heap.policy.release(blocks.get(freed), 1);
                heap.region.stepsSince(LOOK);
                assertThat(heap.policy.reserve(64, 1)).isEqualTo(blocks.get(freed));
                assertThat(heap.region.stepsSince(LOOK))
                        .as("looks at words of %d arenas, block %d free", arenas, freed)
                        .isLessThanOrEqualTo(16);
            }
        }
    }

    @Test
    void the_one_free_block_of_a_long_arena_is_found_by_its_summary() {
        Heap heap = Heap.create(17 * MIB, Map.of("growth", 0L, "arenaBytes", MIB));
        List<Long> blocks = reserveAll(heap, 64);
        for (int freed = 0; freed < 16_384; freed += 997) {
            heap.policy.release(blocks.get(freed), 1);
            heap.policy.reserve(64, 1);
            heap.policy.release(blocks.get(freed), 1);
            heap.region.stepsSince(LOOK);
            assertThat(heap.policy.reserve(64, 1)).isEqualTo(blocks.get(freed));
            // Of 256 words, which a summary of four words stands for.
            assertThat(heap.region.stepsSince(LOOK)).isLessThanOrEqualTo(10);
        }
    }

    private static List<Long> reserveAll(Heap heap, long bytes) {
        List<Long> handles = new ArrayList<>();
        for (long handle = heap.policy.reserve(bytes, 1);
                handle != Handles.NONE;
                handle = heap.policy.reserve(bytes, 1)) {
            handles.add(handle);
        }
        return handles;
    }

    @Test
    void free_blocks_of_the_next_larger_size_come_before_a_new_arena_until_a_quarter_of_a_page_is_wasted() {
        Heap heap = Heap.create(MIB, Map.of());
        heap.allocate(1024);
        long used = heap.policy.usedBytes();
        int lent = 0;
        while (heap.policy.usedBytes() == used) {
            long handle = heap.allocate(960);
            lent += heap.usableBytes(handle) == 1024 ? 1 : 0;
        }
        // An arena of 1,024-byte blocks has four of them, and one was taken.
        assertThat(lent).isEqualTo(3);
        assertThat(heap.policy.usedBytes())
                .as("one page for an arena of 960 bytes")
                .isEqualTo(used + 4096);
        assertThat(heap.findings()).isEmpty();
    }

    @Test
    void before_each_arena_blocks_of_the_next_larger_size_are_taken_until_as_much_is_wasted_as_may_be() {
        for (long lend : new long[] {0, 1, 12, 25, 100, 1_000_000}) {
            for (long ladder = 0; ladder <= 2; ladder++) {
                for (long bytes = 64; bytes <= 1024; bytes *= 4) {
                    requireLending(Map.of("lendPercent", lend, "ladder", ladder), bytes);
                }
            }
        }
    }

    private static void requireLending(Map<String, Long> parameters, long bytes) {
        long larger = usableBytes(parameters, bytes + 1);
        long lend = Objects.requireNonNull(parameters.get("lendPercent"));
        long lentMax = lend == 1_000_000 ? Long.MAX_VALUE : PAGE_BYTES * lend / 100 / (larger - bytes);
        Heap heap = Heap.create(4 * MIB, parameters);
        freeHalf(heap, larger, 2 * FREE_BLOCKS);
        heap.region.stepsSince(ARENA_MADE);
        int arenas = 0;
        long lentSinceArena = 0;
        for (long lent = 0; arenas < 3 && lent < FREE_BLOCKS; ) {
            boolean isLent = heap.usableBytes(heap.allocate(bytes)) == larger;
            if (heap.region.stepsSince(ARENA_MADE) > 0) {
                assertThat(lentSinceArena)
                        .as("blocks of %d for %d bytes before arena %d, %s", larger, bytes, arenas, parameters)
                        .isEqualTo(lentMax);
                lentSinceArena = 0;
                arenas++;
            }
            lentSinceArena += isLent ? 1 : 0;
            lent += isLent ? 1 : 0;
        }
        assertThat(lentSinceArena).isLessThanOrEqualTo(lentMax);
        assertThat(heap.findings()).isEmpty();
        assertThat(heap.afterPowerLoss().liveSet()).isEqualTo(heap.liveSet());
    }

    private static long usableBytes(Map<String, Long> parameters, long bytes) {
        Heap heap = Heap.create(MIB, parameters);
        return heap.usableBytes(heap.allocate(bytes));
    }

    /** Leaves arenas of which half of the blocks are live. */
    private static void freeHalf(Heap heap, long bytes, int count) {
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(heap.allocate(bytes));
        }
        for (int i = 0; i < count; i += 2) {
            heap.free(blocks.get(i));
        }
    }

    @Test
    void a_thread_that_finds_another_making_an_arena_searches_again_and_does_not_wait() throws Exception {
        Heap heap = Heap.create(MIB, Map.of());
        CountDownLatch making = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            long first = heap.allocate(1024);
            Thread maker = Thread.ofPlatform().unstarted(() -> heap.allocate(1024));
            heap.region.onStep(place -> {
                if (place.equals("extent.slab-durable")
                        && Thread.currentThread().equals(maker)) {
                    making.countDown();
                    awaitQuietly(goOn);
                }
            });
            maker.start();
            assertThat(making.await(20, TimeUnit.SECONDS)).isTrue();
            // The only arena with room is this thread's.
            Future<Long> other = threads.submit(() -> heap.allocate(1024));
            assertThat(other.get(20, TimeUnit.SECONDS)).isEqualTo(first + 1024);
            assertThat(maker.isAlive()).isTrue();
            goOn.countDown();
            maker.join();
        } finally {
            goOn.countDown();
        }
        assertThat(heap.liveSet()).hasSize(3);
        assertThat(heap.findings()).isEmpty();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void while_room_is_ample_threads_write_different_lines_of_page_bits() throws Exception {
        Heap heap = Heap.create(4 * MIB, Map.of());
        heap.allocate(64);
        List<Long> lines = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            Thread.ofPlatform()
                    .start(() -> {
                        for (long bytes : new long[] {64, 128, 256, 1024}) {
                            long field = heap.policy.stateField(heap.allocate(bytes));
                            long line = StateField.wordOffset(field) / 64;
                            synchronized (lines) {
                                if (!lines.contains(line)) {
                                    lines.add(line);
                                }
                            }
                        }
                    })
                    .join();
        }
        assertThat(lines).as("a line for each of four threads").hasSize(4);
    }

    @Test
    void while_room_is_ample_two_accesses_never_claim_from_one_line_whatever_was_before() {
        long[] sizes = {64, 128, 256, 1024, 4096};
        for (long seed = 0; seed < 40; seed++) {
            Heap heap = Heap.create(16 * MIB, Map.of());
            Random random = new Random(seed);
            List<PolicyAccess> accesses = List.of(heap.policy.openAccess(false), heap.policy.openAccess(false));
            for (int round = 0; round < 20; round++) {
                // One alone leaves arenas with room, and empty ones.
                Access one = new Access(heap, accesses.get(random.nextInt(2)));
                List<Long> blocks = one.allocate(sizes[random.nextInt(sizes.length)], random.nextInt(800));
                Collections.shuffle(blocks, random);
                one.free(blocks.subList(0, random.nextBoolean() ? blocks.size() : blocks.size() / 2));
                for (long bytes : sizes) {
                    long[] lines = accesses.stream()
                            .mapToLong(access -> new Access(heap, access).lineOfNext(bytes))
                            .toArray();
                    assertThat(lines[0])
                            .as("line of blocks of %d bytes, round %d, seed %d", bytes, round, seed)
                            .isNotEqualTo(lines[1]);
                }
            }
            assertThat(heap.findings()).isEmpty();
        }
    }

    /** What a pool does with an access. */
    private record Access(Heap heap, PolicyAccess access) {
        List<Long> allocate(long bytes, int count) {
            List<Long> handles = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                handles.add(access.reserve(bytes, 1));
            }
            return handles;
        }

        void free(List<Long> handles) {
            handles.forEach(handle -> access.release(handle, access.allocatedValue(handle, 1, 1)));
        }

        /** The line that has the state of the next block of a size. */
        long lineOfNext(long bytes) {
            List<Long> one = allocate(bytes, 1);
            long line = StateField.wordOffset(heap.policy.stateField(one.getFirst())) / 64;
            free(one);
            return line;
        }
    }

    @Test
    void at_the_wear_end_a_line_has_the_states_of_at_most_64_blocks() {
        for (long bytes : new long[] {16, 64, 128, 200, 448, 512, 1024, 5000}) {
            Heap heap = Heap.create(4 * MIB, Map.of("rotation", 2L));
            Map<Long, Integer> blocksOfLine = new HashMap<>();
            for (long handle : heap.fill(bytes)) {
                long line = StateField.wordOffset(heap.policy.stateField(handle)) / 64;
                blocksOfLine.merge(line, 1, Integer::sum);
            }
            assertThat(blocksOfLine.values()).as("blocks of %d bytes", bytes).allMatch(count -> count <= 64);
            assertThat(heap.findings()).isEmpty();
            assertThat(heap.afterPowerLoss().liveSet()).isEqualTo(heap.liveSet());
        }
    }
}
