package pmem.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import pmem.api.PoolCorruptedException;
import pmem.spi.HeapRegion;

class UndoLogRecoveryTest {
    private static final long LOW_BYTE = 0xff;
    private final PoolGeometry geometry = new PoolGeometry(1 << 16, 2, 4, 1);
    private final long first = geometry.policyStartOffset();
    private final long second = first + 64;
    private final HeapRegion region = new HeapRegion(1 << 16);

    @BeforeEach
    void give_the_words_their_old_values() {
        region.storePlain(first, 0x1111);
        region.storePlain(second, 0x2222);
    }

    @Test
    void a_complete_set_of_entries_puts_every_old_value_back() {
        log(0, 2, 0, first);
        log(0, 2, 1, second);
        region.storePlain(first, 0x1100);
        UndoLogRecovery recovery = recover();
        assertThat(region.loadPlain(first)).isEqualTo(0x1111);
        assertThat(region.loadPlain(second)).isEqualTo(0x2222);
        assertThat(recovery.operationsRolledBack()).isEqualTo(1);
        assertThat(recovery.wordsRestored()).isEqualTo(2);
    }

    @Test
    void bits_outside_the_mask_keep_what_others_stored_since() {
        log(0, 1, 0, first);
        region.storePlain(first, 0x9900);
        recover();
        assertThat(region.loadPlain(first)).isEqualTo(0x9911);
    }

    @Test
    void an_incomplete_set_undoes_nothing_and_cannot_complete_the_next_one() {
        log(0, 2, 1, second);
        recover();
        assertThat(region.loadPlain(second)).isEqualTo(0x2222);
        region.storePlain(second, 0x22aa);
        log(0, 2, 0, first);
        recover();
        assertThat(region.loadPlain(second))
                .as("the entry of the first operation must be dead")
                .isEqualTo(0x22aa);
    }

    @Test
    void running_again_changes_no_word() {
        log(0, 1, 0, first);
        region.storePlain(first, 0x1100);
        recover();
        region.storePlain(first, 0x1177);
        assertThat(recover().operationsRolledBack()).isZero();
        assertThat(region.loadPlain(first)).isEqualTo(0x1177);
    }

    @Test
    void two_live_entries_for_one_bit_are_damage() {
        log(0, 1, 0, first);
        log(1, 1, 0, first);
        assertThatThrownBy(this::recover)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("bits named by one live entry only")
                .hasMessageContaining("target=0x" + Long.toHexString(first));
    }

    @Test
    void a_destroyed_entry_of_an_operation_that_had_begun_is_damage() {
        log(0, 2, 0, first);
        log(0, 2, 1, second);
        region.storePlain(first, 0x1133);
        region.storePlain(UndoLogLayout.entryOffset(geometry.laneOffset(0), 1), 99);
        assertThatThrownBy(this::recover)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("lane=0")
                .hasMessageContaining("a changed word at 0x" + Long.toHexString(first));
        assertThat(region.loadPlain(first)).as("nothing is changed").isEqualTo(0x1133);
    }

    @Test
    void a_field_that_a_refused_free_had_cleared_is_set_again() {
        log(0, 2, 0, first);
        region.storePlain(first, 0x1100);
        recover();
        assertThat(region.loadPlain(first)).isEqualTo(0x1111);
    }

    @Test
    void an_entry_that_names_a_word_outside_the_policy_space_is_damage() {
        new UndoLog(region, geometry).writeUndo(0, 0, 0, 8, LOW_BYTE, 0);
        assertThatThrownBy(this::recover)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("target=0x8");
    }

    @Test
    void a_damaged_header_is_reported_with_its_lane() {
        region.storePlain(geometry.laneOffset(1), 0xbad0001);
        assertThatThrownBy(this::recover)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("lane=1");
    }

    private void log(int lane, int count, int index, long target) {
        new UndoLog(region, geometry)
                .writeUndo(lane, index, count - 1 - index, target, LOW_BYTE, region.loadPlain(target) & LOW_BYTE);
    }

    private UndoLogRecovery recover() {
        UndoLogRecovery recovery = new UndoLogRecovery(region, geometry);
        recovery.run();
        return recovery;
    }
}
