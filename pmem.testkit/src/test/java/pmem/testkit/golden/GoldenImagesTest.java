package pmem.testkit.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pools written by every format version so far open as they did then. {@code -Dpmem.golden=DIR} writes those of this release
 * below DIR; a new format version adds a folder, and none is ever changed.
 */
class GoldenImagesTest {
    static Stream<Arguments> images() {
        return GoldenImages.FORMATS.stream()
                .flatMap(format -> GoldenImages.KINDS.stream()
                        .flatMap(kind -> GoldenImages.names(format).stream()
                                .map(name -> Arguments.of(format, kind.name() + "/" + name))));
    }

    @ParameterizedTest
    @MethodSource("images")
    void an_image_of_an_earlier_release_opens_as_it_did_then(GoldenImages.Format format, String name)
            throws IOException {
        byte[] image = GoldenImages.unpacked(resource(format.name() + "/" + name + ".img.gz"));
        String then = GoldenImages.text(resource(format.name() + "/" + name + ".txt"));
        assertThat(GoldenImages.opened(format, image)).isEqualTo(then);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(GoldenImagesTest.class.getResourceAsStream("/golden/" + name), name)) {
            return in.readAllBytes();
        }
    }

    @Test
    void this_release_can_write_all_images(@TempDir Path temporary) throws IOException {
        String asked = System.getProperty("pmem.golden", "");
        Path folder = asked.isEmpty() ? temporary : Path.of(asked);
        GoldenImages.write(folder);
        for (GoldenImages.Format format : GoldenImages.FORMATS) {
            for (GoldenImages.Kind kind : GoldenImages.KINDS) {
                for (String name : GoldenImages.names(format)) {
                    assertThat(folder.resolve(format.name())
                                    .resolve(kind.name())
                                    .resolve(name + ".img.gz"))
                            .isRegularFile();
                }
            }
        }
        assertThat(Files.readString(folder.resolve("v1/buddy/in-transaction.txt")))
                .startsWith("state CRASHED");
        assertThat(Files.readString(folder.resolve("v2/buddy/in-shrink.txt"))).contains("capacityBytes 1048576");
        assertThat(Files.readString(folder.resolve("v2/buddy/grown.txt"))).contains("capacityBytes 4194304");
    }
}
