package pmem.tool.bench;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import pmem.bench.measure.WorkloadKind;

/** What {@code --only} can name. */
final class BenchNames implements Iterable<String> {
    /** For picocli. */
    BenchNames() {}

    static List<String> all() {
        return Arrays.stream(WorkloadKind.values()).map(WorkloadKind::id).toList();
    }

    /**
     * Checks names.
     *
     * @throws IllegalArgumentException if one is unknown; the message lists those there are
     */
    static void check(List<String> names) {
        for (String name : names) {
            if (!all().contains(name)) {
                throw new IllegalArgumentException("unknown name: expected one of " + all() + ", found=" + name);
            }
        }
    }

    @Override
    public Iterator<String> iterator() {
        return all().iterator();
    }
}
