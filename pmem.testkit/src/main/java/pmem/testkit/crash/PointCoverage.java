package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import pmem.spi.PersistPoint;
import pmem.testkit.region.Mutation;
import pmem.testkit.region.PersistEvent;

/**
 * Which persist points were the last one passed before a crash, with their lines on media and with them missing there. A point
 * is covered when both have been recovered. Thread-safe.
 */
final class PointCoverage {
    /** What one point has seen. */
    private static final class Seen {
        private boolean writesBack;
        private boolean fences;
        private boolean onMedia;
        private boolean missing;
    }

    private final Map<String, Seen> seen = new TreeMap<>();
    private final List<String> declared;

    PointCoverage(List<PersistPoint> points) {
        declared = points.stream().map(PersistPoint::name).sorted().distinct().toList();
    }

    /**
     * Takes note of events around which every image has been recovered. With lines in flight at an event there are images
     * that have them and images that lack them: before the fence that covers them each line has all its versions.
     */
    synchronized void note(List<PersistEvent> events) {
        for (PersistEvent event : events) {
            Seen point = seen.computeIfAbsent(event.point().name(), name -> new Seen());
            point.writesBack |= event.kind() == PersistEvent.Kind.WRITE_BACK;
            point.fences |= event.kind() == PersistEvent.Kind.FENCE;
            point.onMedia = true;
            point.missing |= event.matters();
        }
    }

    /** Whether a call has only passed points whose coverage is complete; then noting its events again changes nothing. */
    synchronized boolean knows(PersistEvent event) {
        Seen point = seen.get(event.point().name());
        return point != null && point.missing;
    }

    /** Names of all declared points. */
    List<String> declared() {
        return declared;
    }

    /** Names of declared points with both outcomes. */
    synchronized List<String> covered() {
        return declared.stream()
                .filter(name -> {
                    Seen point = seen.get(name);
                    return point != null && point.onMedia && point.missing;
                })
                .toList();
    }

    /** Points passed that no provider declares. */
    synchronized List<String> undeclared() {
        List<String> names = new ArrayList<>(seen.keySet());
        names.removeAll(declared);
        return names;
    }

    /** What each point passed does, as mutations to try. */
    synchronized List<Mutation> mutations() {
        List<Mutation> mutations = new ArrayList<>();
        seen.forEach((name, point) -> {
            if (point.writesBack) {
                mutations.add(new Mutation(name, Mutation.Kind.WRITE_BACK));
                mutations.add(new Mutation(name, Mutation.Kind.WRITE_BACK_LATE));
            }
            if (point.fences) {
                mutations.add(new Mutation(name, Mutation.Kind.FENCE));
                mutations.add(new Mutation(name, Mutation.Kind.FENCE_EARLY));
            }
        });
        return mutations;
    }
}
