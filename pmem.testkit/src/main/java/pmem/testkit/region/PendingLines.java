package pmem.testkit.region;

import java.util.ArrayList;
import java.util.List;

/** The write-backs one thread has started and not fenced. */
final class PendingLines {
    private record Entry(LineLog log, int stores, int writeBack) {}

    private record Lines(int first, int last) {}

    /** Receives the lines of a write-back. */
    interface Starter {
        void start(int firstLine, int lastLine);
    }

    final long threadId;
    final int number;
    private final List<Entry> entries = new ArrayList<>();
    private final List<Lines> putOff = new ArrayList<>();
    private int writeBacks;

    PendingLines(long threadId, int number) {
        this.threadId = threadId;
        this.number = number;
    }

    /** A new write-back, to which the lines added next belong. */
    void begin() {
        writeBacks++;
    }

    void add(LineLog log) {
        entries.add(new Entry(log, log.count(), writeBacks));
    }

    /** Keeps a write-back that is to start after the next fence. */
    void putOff(int firstLine, int lastLine) {
        putOff.add(new Lines(firstLine, lastLine));
    }

    /** Starts what was put off. */
    void takePutOff(Starter starter) {
        putOff.forEach(lines -> starter.start(lines.first, lines.last));
        putOff.clear();
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
        completeBefore(Integer.MAX_VALUE);
    }

    /** Completes all write-backs but the last, as a fence before it would. */
    void completeAllButLast() {
        completeBefore(writeBacks);
    }

    private void completeBefore(int writeBack) {
        for (Entry entry : entries) {
            if (entry.writeBack < writeBack) {
                entry.log.makeDurable(entry.stores);
            }
        }
        entries.removeIf(entry -> entry.writeBack < writeBack);
    }

    /** Moves the marks after the logs have dropped the given numbers of durable stores. */
    void dropped(LineLog log, int stores) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            Entry entry = entries.get(i);
            if (entry.log == log && entry.stores <= stores) {
                entries.remove(i);
            } else if (entry.log == log) {
                entries.set(i, new Entry(log, entry.stores - stores, entry.writeBack));
            }
        }
    }
}
