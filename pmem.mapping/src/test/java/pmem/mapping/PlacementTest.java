package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.MemoryPlacement;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.spi.NodeStretches;
import pmem.spi.PersistPoint;
import pmem.spi.Region;
import pmem.spi.RegionOptions;

class PlacementTest {
    private static final long CAPACITY_BYTES = 40L << 20;
    private static final PersistPoint POINT = new PersistPoint("test.grow", "The length of the region, for this test.");

    private final MappingProvider provider = new MappingProvider();

    @TempDir
    private Path directory;

    private static RegionOptions with(MemoryPlacement placement) {
        return new RegionOptions(Optional.empty(), false, true, placement);
    }

    private static boolean hasNodes() {
        boolean there = !Sysfs.SYSTEM.nodes().isEmpty();
        if (!there) {
            System.out.println("not run: the kernel knows no NUMA nodes, or hides them");
        }
        return there;
    }

    @Test
    void pages_come_from_the_node_asked_for() {
        if (!hasNodes()) {
            return;
        }
        for (int node : Sysfs.SYSTEM.nodes()) {
            RegionOptions options = with(MemoryPlacement.anywhere().onNode(node).prefault(1, ignored -> {}));
            try (Region region = provider.anonymous(CAPACITY_BYTES, options)) {
                assertThat(region.pageNodes(0, CAPACITY_BYTES)).hasSize((int) (CAPACITY_BYTES / 4096));
                assertThat(region.pageNodes(0, CAPACITY_BYTES)).containsOnly(node);
            }
        }
    }

    @Test
    void a_page_that_was_never_touched_is_on_no_node() {
        if (!hasNodes()) {
            return;
        }
        try (Region region = provider.anonymous(CAPACITY_BYTES, RegionOptions.defaults())) {
            region.storePlain(0, 1);
            int[] nodes = region.pageNodes(0, CAPACITY_BYTES);
            assertThat(nodes[0]).isNotNegative();
            assertThat(nodes[nodes.length - 1]).isNegative();
        }
    }

    @Test
    void a_node_that_is_not_there_is_refused_with_those_there_are() {
        for (int node : new int[] {1023, 1_000_000}) {
            assertThatThrownBy(() -> provider.anonymous(
                            CAPACITY_BYTES, with(MemoryPlacement.anywhere().onNode(node))))
                    .isInstanceOfSatisfying(
                            PoolOpenException.class,
                            failure -> assertThat(failure.reason()).isEqualTo(Reason.SYSTEM))
                    .hasMessageContaining("asked=" + node)
                    .hasMessageContaining("ask for another node");
        }
        assertThatThrownBy(() -> MemoryPlacement.anywhere().onNode(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parts_come_from_the_nodes_asked_for_in_turn_also_when_the_region_grows() {
        List<Integer> nodes = Sysfs.SYSTEM.nodes();
        if (nodes.size() < 2) {
            System.out.println("not run: the machine has fewer than two NUMA nodes, or hides them");
            return;
        }
        MemoryPlacement placement =
                MemoryPlacement.anywhere().overNodes(nodes.get(1), nodes.get(0)).prefault(1, ignored -> {});
        RegionOptions options =
                new RegionOptions(Optional.empty(), false, true, placement, Duration.ZERO, 2 * CAPACITY_BYTES);
        try (Region region = provider.anonymous(CAPACITY_BYTES, options)) {
            region.grow(POINT, 2 * CAPACITY_BYTES);
            for (int part = 0; part < 4; part++) {
                assertThat(region.pageNodes(part * CAPACITY_BYTES / 2, CAPACITY_BYTES / 2))
                        .containsOnly(nodes.get(1 - part % 2));
            }
            assertThat(region.nodeOfThread()).isIn(nodes);
        }
    }

    @Test
    void simulated_nodes_divide_the_region_and_bind_nothing() {
        MemoryPlacement placement = MemoryPlacement.anywhere().simulatedNodes(() -> 900, 900, 901);
        RegionOptions options =
                new RegionOptions(Optional.empty(), false, true, placement, Duration.ZERO, 2 * CAPACITY_BYTES);
        try (Region region = provider.anonymous(CAPACITY_BYTES, options)) {
            assertThat(region.nodes()).isEqualTo(new NodeStretches(List.of(900, 901), CAPACITY_BYTES / 2));
            assertThat(region.nodeOfThread()).isEqualTo(900);
            region.grow(POINT, 2 * CAPACITY_BYTES);
            assertThat(region.nodes().indexAt(CAPACITY_BYTES)).isZero();
            assertThat(region.nodes().indexAt(2 * CAPACITY_BYTES - 1)).isEqualTo(1);
        }
        try (Region region = provider.anonymous(CAPACITY_BYTES, RegionOptions.defaults())) {
            assertThat(region.nodes()).isEqualTo(NodeStretches.NONE);
            assertThat(region.nodes().indexAt(CAPACITY_BYTES - 1)).isZero();
        }
    }

    @Test
    void parts_are_multiples_of_2_mib_and_cover_everything() {
        NodeStretches three = NodeStretches.over(List.of(0, 1, 2), 10 << 20);
        assertThat(three.stretchBytes()).isEqualTo(4 << 20);
        assertThat(three.indexAt((12 << 20) - 1)).isEqualTo(2);
        assertThat(three.indexAt(12 << 20)).isZero();
        assertThat(three.endOfStretch(4 << 20)).isEqualTo(8 << 20);
        assertThat(NodeStretches.over(List.of(5), 10 << 20).endOfStretch(1)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void prefault_makes_every_page_and_tells_its_progress_up_to_the_end() {
        for (int threads : new int[] {1, 3}) {
            List<Long> told = Collections.synchronizedList(new ArrayList<>());
            Path pool = directory.resolve("p" + threads);
            RegionOptions options = with(MemoryPlacement.anywhere().prefault(threads, told::add));
            try (Region region = provider.create(pool, CAPACITY_BYTES, options)) {
                assertThat(told).isSorted().hasSize(3).endsWith(CAPACITY_BYTES);
                assertThat(region.durability().notes()).noneMatch(note -> note.contains("pages were not made"));
                if (hasNodes()) {
                    assertThat(Arrays.stream(region.pageNodes(0, CAPACITY_BYTES))
                                    .min()
                                    .orElse(-1))
                            .isNotNegative();
                }
                assertThat(region.loadPlain(CAPACITY_BYTES - 8)).isZero();
            }
        }
        assertThatThrownBy(() -> MemoryPlacement.anywhere().prefault(0, ignored -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void huge_pages_are_asked_for_and_a_refusal_is_a_note() {
        try (Region region = provider.anonymous(
                CAPACITY_BYTES, with(MemoryPlacement.anywhere().hugePages()))) {
            region.storePlain(0, 1);
            int asked = MemoryCalls.advise(region.slice(0, 8).address(), CAPACITY_BYTES, MemoryCalls.MADV_HUGEPAGE);
            assertThat(region.durability().notes().isEmpty()).isEqualTo(asked == 0);
        }
    }
}
