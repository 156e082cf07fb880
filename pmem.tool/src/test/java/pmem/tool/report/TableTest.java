package pmem.tool.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void aligns_names_left_and_numbers_right() {
        Table table = new Table(1, "policy", "kills").row("bitmap", "3").row("x", "1234567");

        assertThat(table.lines())
                .containsExactly("policy    kills", "------  -------", "bitmap        3", "x       1234567");
    }

    @Test
    void refuses_a_row_of_another_length() {
        Table table = new Table(1, "a", "b");

        assertThatThrownBy(() -> table.row("1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found=1");
    }
}
