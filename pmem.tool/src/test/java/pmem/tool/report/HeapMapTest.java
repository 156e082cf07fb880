package pmem.tool.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeapMapTest {
    private static final int CELLS = HeapMap.COLUMNS * HeapMap.ROWS;

    @Test
    void shades_every_stretch_by_the_bytes_in_live_blocks() {
        HeapMap map = new HeapMap(CELLS * 100L);
        map.add(100, 100);
        map.add(200, 1);
        map.add(300, 50);
        map.add(400, 75);

        List<String> lines = map.lines(false);

        assertThat(lines).hasSize(HeapMap.ROWS + 1);
        assertThat(lines.getFirst()).endsWith("  .#:+%" + ".".repeat(HeapMap.COLUMNS - 5));
        assertThat(lines.getLast()).contains("100 B").contains("# more");
    }

    @Test
    void spreads_a_block_over_the_stretches_it_covers() {
        HeapMap map = new HeapMap(CELLS * 100L);
        map.add(250, 200);

        assertThat(Arrays.copyOf(map.usedBytes(), 6)).containsExactly(0, 0, 50, 100, 50, 0);
        assertThat(Arrays.stream(map.usedBytes()).sum()).isEqualTo(200);
    }

    @Test
    void leaves_out_what_lies_behind_the_pool() {
        HeapMap map = new HeapMap(1000);
        map.add(990, 100);

        assertThat(Arrays.stream(map.usedBytes()).sum()).isEqualTo(10);
    }

    @Test
    void uses_no_character_beyond_ascii_unless_allowed() {
        HeapMap map = new HeapMap(1 << 20);
        map.add(0, 1 << 19);

        assertThat(String.join("", map.lines(false))).isASCII();
        assertThat(map.lines(true).getFirst()).contains("\u2588");
    }

    @Test
    void is_the_same_after_its_figures_went_through_a_pipe() {
        HeapMap map = new HeapMap(12_345_678);
        map.add(1_000_000, 2_000_000);

        assertThat(HeapMap.of(12_345_678, map.usedBytes()).lines(true)).isEqualTo(map.lines(true));
    }
}
