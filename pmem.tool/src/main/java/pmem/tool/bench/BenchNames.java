package pmem.tool.bench;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import pmem.bench.measure.WorkloadKind;

/** What {@code --only} can name. */
final class BenchNames implements Iterable<String> {
    /** For picocli. */
    BenchNames() {}

    /** The programs, in the order of the report. */
    static List<Program> programs() {
        return List.of(
                new LatencyProgram(),
                new FramesProgram(),
                new RecoveryProgram(),
                new PlacementProgram(),
                new FragmentationProgram(),
                new OverheadProgram(),
                new WearProgram());
    }

    static List<String> all() {
        return Stream.concat(
                        Arrays.stream(WorkloadKind.values()).map(WorkloadKind::id),
                        programs().stream().map(Program::id))
                .toList();
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
