package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import pmem.api.Handles;

/** Random sequences against a map with one byte a unit, which is searched anew for every question. */
class BuddyPolicyPropertyTest {
    enum Kind {
        RESERVE,
        PUBLISH,
        RELEASE,
        FREE,
        REATTACH
    }

    record Geometry(long startOffset, long spaceBytes, long unitBytes, boolean keepTail) {}

    record Step(Kind kind, long bytes, int alignmentShift, int pick) {}

    private record Block(long handle, long bytes, long value) {}

    @Provide
    Arbitrary<Geometry> geometries() {
        return Combinators.combine(
                        Arbitraries.longs().between(1, 40),
                        Arbitraries.longs().between(1, 12),
                        Arbitraries.integers().between(4, 8),
                        Arbitraries.of(false, true))
                .as((startPage, pages, unitShift, keepTail) ->
                        new Geometry(startPage * 4096, pages * 4096, 1L << unitShift, keepTail));
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(8, Kind.RESERVE),
                Tuple.of(6, Kind.PUBLISH),
                Tuple.of(2, Kind.RELEASE),
                Tuple.of(4, Kind.FREE),
                Tuple.of(1, Kind.REATTACH));
        Arbitrary<Long> sizes = Arbitraries.oneOf(
                Arbitraries.longs().between(1, 300), Arbitraries.longs().between(1, 50_000));
        Arbitrary<Integer> alignmentShifts = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just(0)),
                Tuple.of(1, Arbitraries.integers().between(0, 16)));
        return Combinators.combine(
                        kinds, sizes, alignmentShifts, Arbitraries.integers().between(0, 1 << 20))
                .as(Step::new)
                .list()
                .ofMinSize(20)
                .ofMaxSize(120);
    }

    @Property
    void any_sequence_agrees_with_the_map(@ForAll("geometries") Geometry geometry, @ForAll("steps") List<Step> steps) {
        Run run = new Run(geometry);
        run.check();
        for (Step step : steps) {
            run.apply(step);
            run.check();
        }
        run.giveBackEverything();
    }

    private static final class Run {
        private final BuddyHeap heap;
        private final Geometry geometry;
        private final byte[] map;
        private final List<Block> reserved = new ArrayList<>();
        private final List<Block> allocated = new ArrayList<>();
        private final long freshLargestBytes;

        Run(Geometry geometry) {
            this.geometry = geometry;
            heap = new BuddyHeap(
                    geometry.startOffset,
                    geometry.startOffset + geometry.spaceBytes,
                    geometry.unitBytes,
                    geometry.keepTail);
            map = new byte[(int) heap.layout.unitCount()];
            freshLargestBytes = heap.policy().largestFreeBytes();
        }

        void apply(Step step) {
            switch (step.kind) {
                case RESERVE -> reserve(step.bytes, 1L << step.alignmentShift);
                case PUBLISH -> publish(step.pick);
                case RELEASE -> release(step.pick);
                case FREE -> free(step.pick);
                case REATTACH -> reattach();
            }
        }

        private void reserve(long bytes, long alignmentBytes) {
            long units = (bytes + geometry.unitBytes - 1) / geometry.unitBytes;
            long room = Math.max(powerOfTwoAtLeast(units), alignmentBytes / geometry.unitBytes);
            long handle = heap.policy().reserve(bytes, alignmentBytes);
            assertThat(handle != Handles.NONE).as("served").isEqualTo(hasAlignedRun(room));
            if (handle == Handles.NONE) {
                return;
            }
            assertThat(handle % alignmentBytes).isZero();
            assertThat(heap.value(handle)).isZero();
            long value = heap.policy().allocatedValue(handle, bytes, alignmentBytes);
            long usableBytes = heap.policy().usableBytes(handle, value);
            assertThat(usableBytes).isGreaterThanOrEqualTo(bytes);
            if (geometry.keepTail) {
                assertThat(usableBytes).isEqualTo(powerOfTwoAtLeast(units) * geometry.unitBytes);
            } else {
                assertThat((usableBytes - units * geometry.unitBytes) * 8)
                        .isLessThanOrEqualTo(units * geometry.unitBytes);
            }
            mark(handle, usableBytes, (byte) 0, (byte) 1);
            reserved.add(new Block(handle, usableBytes, value));
        }

        private void publish(int pick) {
            if (!reserved.isEmpty()) {
                Block block = reserved.remove(pick % reserved.size());
                heap.publish(block.handle, block.value);
                allocated.add(block);
            }
        }

        private void release(int pick) {
            if (!reserved.isEmpty()) {
                Block block = reserved.remove(pick % reserved.size());
                heap.policy().release(block.handle, block.value);
                mark(block.handle, block.bytes, (byte) 1, (byte) 0);
            }
        }

        private void free(int pick) {
            if (!allocated.isEmpty()) {
                Block block = allocated.remove(pick % allocated.size());
                assertThat(heap.value(block.handle)).isEqualTo(block.value);
                heap.free(block.handle);
                mark(block.handle, block.bytes, (byte) 1, (byte) 0);
            }
        }

        private void reattach() {
            heap.reattach();
            reserved.forEach(block -> mark(block.handle, block.bytes, (byte) 1, (byte) 0));
            reserved.clear();
        }

        private void mark(long handle, long bytes, byte from, byte to) {
            long first = (handle - heap.layout.handle(heap.layout.firstUnit())) / geometry.unitBytes;
            for (long unit = first; unit < first + bytes / geometry.unitBytes; unit++) {
                assertThat(map[(int) unit]).as("unit %d", unit).isEqualTo(from);
                map[(int) unit] = to;
            }
        }

        void check() {
            long taken = 0;
            for (byte unit : map) {
                taken += unit;
            }
            assertThat(heap.policy().liveBytes()).isEqualTo(taken * geometry.unitBytes);
            assertThat(heap.policy().usedBytes()).isEqualTo(heap.policy().metadataBytes() + taken * geometry.unitBytes);
            assertThat(heap.policy().liveBlocks()).isEqualTo(reserved.size() + allocated.size());
            assertThat(heap.policy().largestFreeBytes()).isEqualTo(largestAlignedRun() * geometry.unitBytes);
            Map<Long, Long> expected = new TreeMap<>();
            allocated.forEach(block -> expected.put(block.handle, block.bytes));
            assertThat(heap.allocated()).isEqualTo(expected);
            assertThat(heap.verify()).isEmpty();
        }

        void giveBackEverything() {
            while (!reserved.isEmpty()) {
                release(0);
            }
            while (!allocated.isEmpty()) {
                free(0);
            }
            check();
            assertThat(heap.policy().largestFreeBytes()).isEqualTo(freshLargestBytes);
            assertThat(heap.fill(1)).isEqualTo(map.length);
        }

        private long largestAlignedRun() {
            long largest = 0;
            for (long run = 1; run <= map.length; run *= 2) {
                largest = hasAlignedRun(run) ? run : largest;
            }
            return largest;
        }

        private boolean hasAlignedRun(long units) {
            long firstUnit = heap.layout.firstUnit();
            for (long unit = (firstUnit + units - 1) / units * units;
                    unit + units <= firstUnit + map.length;
                    unit += units) {
                boolean free = true;
                for (long i = unit; i < unit + units && free; i++) {
                    free = map[(int) (i - firstUnit)] == 0;
                }
                if (free) {
                    return true;
                }
            }
            return false;
        }

        private static long powerOfTwoAtLeast(long units) {
            long power = 1;
            while (power < units) {
                power *= 2;
            }
            return power;
        }
    }
}
