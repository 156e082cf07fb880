package pmem.testkit.region;

import java.util.ArrayList;
import java.util.List;

/** The write-backs one thread has started and not fenced. */
final class PendingLines {
    private record Entry(LineLog log, int stores) {}

    final long threadId;
    final int number;
    private final List<Entry> entries = new ArrayList<>();

    PendingLines(long threadId, int number) {
        this.threadId = threadId;
        this.number = number;
    }

    void add(LineLog log) {
        entries.add(new Entry(log, log.count()));
    }

    /** Whether the fence to come puts on media what may be missing there. */
    boolean matter() {
        for (Entry entry : entries) {
            if (entry.stores > entry.log.durable()) {
                return true;
            }
        }
        return false;
    }

    void complete() {
        for (Entry entry : entries) {
            entry.log.makeDurable(entry.stores);
        }
        entries.clear();
    }

    /** Moves the marks after the logs have dropped the given numbers of durable stores. */
    void dropped(LineLog log, int stores) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            Entry entry = entries.get(i);
            if (entry.log == log && entry.stores <= stores) {
                entries.remove(i);
            } else if (entry.log == log) {
                entries.set(i, new Entry(log, entry.stores - stores));
            }
        }
    }
}
