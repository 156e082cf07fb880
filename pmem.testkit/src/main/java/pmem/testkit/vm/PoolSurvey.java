package pmem.testkit.vm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pmem.api.Pool;

/** The blocks of a pool, by worker, as they are found after an open. */
final class PoolSurvey {
    private final List<Map<Integer, Stamp>> stamps = new ArrayList<>();
    private final List<Map<Integer, Long>> handles = new ArrayList<>();
    private final List<Long> nameless = new ArrayList<>();
    private int doubles;

    private PoolSurvey(int workers) {
        for (int worker = 0; worker < workers; worker++) {
            stamps.add(new HashMap<>());
            handles.add(new HashMap<>());
        }
    }

    /** Walks all blocks. */
    static PoolSurvey of(Pool pool, int workers) {
        PoolSurvey survey = new PoolSurvey(workers);
        Set<Long> own = new HashSet<>();
        for (int worker = 0; worker < workers; worker++) {
            own.add(Worker.progressBlock(pool, worker));
        }
        pool.forEachBlock((handle, usableBytes) -> {
            if (!own.contains(handle)) {
                survey.add(pool, handle);
            }
        });
        return survey;
    }

    private void add(Pool pool, long handle) {
        Optional<Stamp> stamp = Stamp.read(pool.segment(handle));
        if (stamp.isEmpty() || stamp.get().worker() >= stamps.size()) {
            nameless.add(handle);
            return;
        }
        int worker = stamp.get().worker();
        if (stamps.get(worker).put(stamp.get().id(), stamp.get()) != null) {
            doubles++;
        }
        handles.get(worker).put(stamp.get().id(), handle);
    }

    /** How many workers it is about. */
    int workers() {
        return stamps.size();
    }

    /** A worker's blocks, by the trace's name. */
    Map<Integer, Stamp> stamps(int worker) {
        return stamps.get(worker);
    }

    /** Handles of a worker's blocks, by the trace's name. */
    Map<Integer, Long> handles(int worker) {
        return handles.get(worker);
    }

    /** Blocks that were just being made or freed: allocated, without a whole stamp. */
    List<Long> nameless() {
        return nameless;
    }

    /** Names that two blocks have. */
    int doubles() {
        return doubles;
    }

    /** Blocks with a name. */
    long named() {
        return stamps.stream().mapToLong(Map::size).sum();
    }
}
