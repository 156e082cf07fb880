package pmem.testkit.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;

/** Fuzzes every policy on the module path. {@code -Dpmem.fuzz=N} sets how many images all of them get together. */
class EveryPolicyFuzzTest {
    private static final int IMAGES = 150_000;

    static List<String> policies() {
        return Providers.policies().stream().map(PolicyProvider::id).toList();
    }

    @ParameterizedTest
    @MethodSource("policies")
    @Timeout(600)
    void every_damaged_image_gets_a_typed_answer_and_keeps_what_is_intact(String policy) {
        long images = Integer.getInteger("pmem.fuzz", IMAGES) / policies().size();
        long seed = Long.getLong("pmem.seed", 1);
        FuzzReport report = ImageFuzzer.of(policy).images(images).seed(seed).run();
        System.out.println(report);
        assertThat(report.failures())
                .as("repeat with -Dpmem.seed=%d -Dtest=EveryPolicyFuzzTest, or ImageFuzzer.only(index)", seed)
                .isEmpty();
        assertThat(report.images()).isGreaterThanOrEqualTo(images);
    }
}
