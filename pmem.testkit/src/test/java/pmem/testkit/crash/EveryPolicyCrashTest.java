package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Explores every policy on the module path. {@code -Dpmem.images=N} sets how many distinct images each policy gets; from 400,000
 * on every persist point must have been the last one before a crash. For a campaign use {@code pmem explore}.
 */
class EveryPolicyCrashTest {
    private static final long IMAGES_THAT_COVER_ALL_POINTS = 400_000;
    private static final int SAMPLE = 1_000;

    static List<String> policies() {
        return NarrowExplorer.policies();
    }

    private static long imagesMax() {
        return Long.getLong("pmem.images", 40_000);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void survives_a_crash_at_every_moment_of_one_and_two_threads(String policy) {
        ExplorerReport report = CrashExplorer.of(policy)
                .length(4)
                .threads(2)
                .nestedDepth(1)
                .imagesPerEpochMax(SAMPLE)
                .imagesMax(imagesMax())
                .run(progress -> {});
        System.out.println(report);
        assertThat(report.violations()).isEmpty();
        assertThat(report.undeclaredPoints()).isEmpty();
        if (imagesMax() >= IMAGES_THAT_COVER_ALL_POINTS) {
            assertThat(report.pointsMissed()).isEmpty();
        }
        assertThat(report.twoThreadedImages()).isGreaterThan(report.distinctImages() / 10);
    }

    @Test
    void bitmap_survives_at_its_wear_end_too() {
        ExplorerReport report = CrashExplorer.of("bitmap")
                .parameter("rotation", 2)
                .length(2)
                .threads(2)
                .nestedDepth(1)
                .imagesPerEpochMax(SAMPLE)
                .imagesMax(imagesMax() / 2)
                .run(progress -> {});
        System.out.println(report);
        assertThat(report.violations()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void survives_torn_words_and_crashes_inside_crashes(String policy) {
        ExplorerReport report = CrashExplorer.of(policy)
                .length(2)
                .torn(true)
                .nestedDepth(2)
                .imagesPerEpochMax(SAMPLE)
                .imagesMax(imagesMax() / 2)
                .run(progress -> {});
        System.out.println(report);
        assertThat(report.violations()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void survives_crashes_in_long_random_sequences(String policy) {
        ExplorerReport report = CrashExplorer.of(policy)
                .length(0)
                .random(1000, 30, 20260101)
                .nestedDepth(0)
                .imagesPerEpochMax(SAMPLE)
                .imagesMax(imagesMax() / 2)
                .run(progress -> {});
        System.out.println(report);
        assertThat(report.violations()).isEmpty();
    }
}
