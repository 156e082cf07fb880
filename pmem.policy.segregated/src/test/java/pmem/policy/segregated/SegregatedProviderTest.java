package pmem.policy.segregated;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import pmem.spi.PolicyParameter;

/** What the provider says of itself. */
class SegregatedProviderTest {
    private static final Path SOURCE =
            Path.of("src", "main", "java", "pmem", "policy", "segregated", "SegregatedProvider.java");
    private static final Pattern ROW = Pattern.compile(
            "<tr><td>(\\w+)</td><td>([^<]+)</td><td>(\\d+)</td><td>(\\d+ to \\d+)</td>\\s+\\*\\s+<td>[^<]+</td></tr>");

    @Test
    void the_table_of_parameters_has_each_with_its_default_and_its_range() throws IOException {
        List<String> told = new ArrayList<>();
        Matcher rows = ROW.matcher(Files.readString(SOURCE));
        while (rows.find()) {
            boolean powerOfTwo = rows.group(2).endsWith(", power of two");
            told.add(rows.group(1) + " " + rows.group(3) + ", " + rows.group(4) + " " + powerOfTwo);
        }
        List<String> declared = new ArrayList<>();
        for (PolicyParameter parameter : new SegregatedProvider().parameters()) {
            declared.add(parameter.name() + " " + parameter.defaultValue() + ", " + parameter.min() + " to "
                    + parameter.max() + " " + parameter.powerOfTwo());
        }
        assertThat(told).isEqualTo(declared);
    }
}
