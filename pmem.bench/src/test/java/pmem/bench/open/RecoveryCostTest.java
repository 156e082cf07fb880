package pmem.bench.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pmem.api.Size;

class RecoveryCostTest {
    @TempDir
    private Path directory;

    private RecoveryCostSettings settings(String policy, boolean preallocate, int freeEvery) {
        long capacityBytes = preallocate ? Size.mib(16) : Size.gib(64);
        return new RecoveryCostSettings(
                policy, capacityBytes, preallocate, 3000, 256, freeEvery, 1, 3, Optional.empty(), directory);
    }

    @ParameterizedTest
    @CsvSource({
        "bitmap,true,0",
        "bitmap,false,3",
        "buddy,true,3",
        "buddy,false,0",
        "segregated,true,0",
        "segregated,false,3"
    })
    void every_open_of_every_policy_is_one_after_a_crash_and_is_timed(
            String policy, boolean preallocate, int freeEvery) {
        RecoveryCostResult result = RecoveryCost.measure(settings(policy, preallocate, freeEvery));
        assertThat(result.opens()).hasSize(3).allSatisfy(cost -> {
            assertThat(cost.openMillis()).isGreaterThanOrEqualTo(cost.logMillis() + cost.rebuildMillis());
            assertThat(cost.firstAllocationMillis()).isPositive();
            assertThat(cost.walkMillis()).isPositive();
        });
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void the_table_has_a_row_for_median_and_best_of_each_result() {
        RecoveryCostResult result = RecoveryCost.measure(settings("bitmap", true, 0));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RecoveryCost.print(List.of(result), new PrintStream(bytes, true, StandardCharsets.UTF_8));
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
                .hasSize(5)
                .anySatisfy(line -> assertThat(line).startsWith("JDK "))
                .anySatisfy(line -> assertThat(line).startsWith("bitmap").contains("median"))
                .anySatisfy(line -> assertThat(line).startsWith("bitmap").contains("best"));
    }

    @Test
    void settings_that_measure_nothing_are_refused() {
        assertThatThrownBy(() -> settings("bitmap", true, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("freeEvery=1");
    }
}
