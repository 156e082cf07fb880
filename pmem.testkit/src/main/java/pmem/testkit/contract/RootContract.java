package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.api.Pool;

/** Named roots. */
@OnEveryDomain
public abstract class RootContract extends ContractTest {
    /** For JUnit. */
    protected RootContract() {}

    // "The handle stored under a name, Handles.NONE if there is none."
    @Test
    void a_root_is_what_was_stored_last_under_its_name() {
        Pool pool = newPool();
        assertThat(pool.root("a")).isEqualTo(Handles.NONE);
        pool.setRoot("a", 64);
        pool.setRoot("b", 128);
        assertThat(pool.root("a")).isEqualTo(64);
        pool.setRoot("a", 192);
        assertThat(pool.root("a")).isEqualTo(192);
        assertThat(pool.root("b")).isEqualTo(128);
        assertThat(pool.root("A")).isEqualTo(Handles.NONE);
    }

    // "Handles.NONE removes the name"
    @Test
    void storing_no_block_removes_the_name() {
        Pool pool = newPool();
        pool.setRoot("a", 64);
        pool.setRoot("a", Handles.NONE);
        pool.setRoot("never stored", Handles.NONE);
        assertThat(pool.root("a")).isEqualTo(Handles.NONE);
        assertThat(pool.roots()).isEmpty();
    }

    // "The pool does not check that the handle names a block."
    @Test
    void any_number_can_be_stored() {
        Pool pool = newPool();
        for (long value : new long[] {1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            pool.setRoot("any", value);
            assertThat(pool.root("any")).isEqualTo(value);
        }
    }

    // "longer than 255 bytes of UTF-8"
    @Test
    void names_of_1_to_255_bytes_of_utf_8_are_kept() {
        Pool pool = newPool();
        List<String> names = List.of(
                "x",
                " ",
                "a b\tc",
                "\u0000",
                "n".repeat(255),
                "\u00e9".repeat(127) + "e",
                "\u20ac".repeat(85),
                "\ud83d\udc18".repeat(63) + "abc",
                "n".repeat(254));
        Map<String, Long> expected = new TreeMap<>();
        for (String name : names) {
            expected.put(name, expected.size() + 1L);
            pool.setRoot(name, expected.get(name));
        }
        assertThat(pool.roots()).isEqualTo(expected);
        expected.forEach((name, handle) -> assertThat(pool.root(name)).isEqualTo(handle));
    }

    // "@throws IllegalArgumentException if the name is empty or longer than 255 bytes of UTF-8"
    @Test
    void empty_names_and_names_of_256_bytes_are_wrong_arguments() {
        Pool pool = newPool();
        for (String name :
                List.of("", "n".repeat(256), "\u00e9".repeat(128), "\u20ac".repeat(86), "n".repeat(100_000))) {
            assertInvalidArgument(() -> pool.root(name));
            assertInvalidArgument(() -> pool.setRoot(name, 64));
            assertInvalidArgument(() -> pool.setRoot(name, Handles.NONE));
        }
        assertThat(pool.roots()).isEmpty();
    }

    // "@throws OutOfSpaceException if the table of roots is full"
    @Test
    void a_full_table_refuses_new_names_and_still_replaces_and_removes() {
        Pool pool = newPool();
        Map<String, Long> expected = fillTable(pool);
        assertOutOfSpace(() -> pool.setRoot("one more", 64));
        assertThat(pool.roots()).isEqualTo(expected);
        pool.setRoot("root 3", 4711);
        assertThat(pool.root("root 3")).isEqualTo(4711);
        pool.setRoot("not there", Handles.NONE);
        pool.setRoot("root 5", Handles.NONE);
        pool.setRoot("one more", 64);
        assertThat(pool.root("one more")).isEqualTo(64);
        assertOutOfSpace(() -> pool.setRoot("yet another", 64));
    }

    private static Map<String, Long> fillTable(Pool pool) {
        Map<String, Long> expected = new TreeMap<>();
        for (int i = 0; i < PoolSetting.ROOTS; i++) {
            expected.put("root " + i, 64L * (i + 1));
            pool.setRoot("root " + i, 64L * (i + 1));
        }
        return expected;
    }

    @Test
    void names_can_be_added_and_removed_without_end() {
        Pool pool = newPool();
        for (int i = 0; i < 20 * PoolSetting.ROOTS; i++) {
            pool.setRoot("name " + i, 64);
            if (i >= PoolSetting.ROOTS / 2) {
                pool.setRoot("name " + (i - PoolSetting.ROOTS / 2), Handles.NONE);
            }
        }
        assertThat(pool.roots()).hasSize(PoolSetting.ROOTS / 2);
    }

    // "All names and their handles, a copy in the order of the names."
    @Test
    void the_roots_are_a_copy_in_the_order_of_the_names() {
        Pool pool = newPool();
        for (String name : List.of("pear", "apple", "zebra", "apples", "Zebra")) {
            pool.setRoot(name, 64);
        }
        Map<String, Long> roots = pool.roots();
        assertThat(roots.keySet()).containsExactly("Zebra", "apple", "apples", "pear", "zebra");
        pool.setRoot("new", 64);
        assertThat(roots).hasSize(5);
    }

    @Test
    void roots_of_many_threads_are_all_kept() throws Exception {
        Pool pool = newPool();
        Crew.run(4, index -> {
            for (int round = 1; round <= 50; round++) {
                pool.setRoot("own " + index, 8L * round);
                pool.setRoot("shared", index + 1L);
                pool.setRoot("passing " + index, 64);
                pool.setRoot("passing " + index, Handles.NONE);
                assertThat(pool.root("own " + index)).isEqualTo(8L * round);
                assertThat(pool.root("shared")).isBetween(1L, 4L);
            }
            return index;
        });
        assertThat(pool.roots().keySet()).containsExactly("own 0", "own 1", "own 2", "own 3", "shared");
        assertThat(pool.root("own 2")).isEqualTo(400);
    }
}
