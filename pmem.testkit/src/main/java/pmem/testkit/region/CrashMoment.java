package pmem.testkit.region;

import java.util.ArrayList;
import java.util.List;

/**
 * What could be on media at one moment: for every line with stores in flight, how many are certainly there and how many were
 * made. The region keeps the stores themselves, until it settles.
 */
public final class CrashMoment {
    private final List<LineLog> logs;
    private final int[] durable;
    private final int[] made;
    private final int eventCount;

    CrashMoment(List<LineLog> dirty, int eventCount) {
        this.logs = new ArrayList<>(dirty);
        this.durable = new int[logs.size()];
        this.made = new int[logs.size()];
        this.eventCount = eventCount;
        for (int i = 0; i < made.length; i++) {
            durable[i] = logs.get(i).durable();
            made[i] = logs.get(i).count();
        }
    }

    /** How many write-backs and fences had been passed since the region last settled. */
    public int eventCount() {
        return eventCount;
    }

    int lineCount() {
        return made.length;
    }

    LineLog log(int index) {
        return logs.get(index);
    }

    int durable(int index) {
        return durable[index];
    }

    int made(int index) {
        return made[index];
    }

    /** How many stores of a line had been made at this moment. Lines keep their place, later ones are appended. */
    int madeOrZero(int index) {
        return index < made.length ? made[index] : 0;
    }
}
