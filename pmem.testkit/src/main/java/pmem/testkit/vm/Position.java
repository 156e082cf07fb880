package pmem.testkit.vm;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Finds out how many operations a worker had done when the power was cut, from the blocks that are there. At least the
 * acknowledged ones; and some more, since the console may have swallowed acknowledgements that were on their way.
 */
final class Position {
    /** More operations than fit into the buffers of a console. */
    static final int UNACKNOWLEDGED_MAX = 4096;

    private final WorkList work;
    private final int worker;
    private final Map<Integer, Stamp> found;
    private final Map<Integer, Stamp> expected = new HashMap<>();
    private long lastTransaction = Worker.NO_TRANSACTION;
    private int differences;

    /** @param found the worker's blocks, by the trace's name */
    Position(WorkList work, int worker, Map<Integer, Stamp> found) {
        this.work = work;
        this.worker = worker;
        this.found = found;
        this.differences = found.size();
    }

    /**
     * The number of operations after which exactly the found blocks are there, and the last transaction is the one recorded;
     * empty if there is none.
     */
    OptionalLong find(long acknowledged, long recordedTransaction) {
        for (long done = 0; done <= acknowledged + UNACKNOWLEDGED_MAX; done++) {
            if (done >= acknowledged && differences == 0 && lastTransaction == recordedTransaction) {
                return OptionalLong.of(done);
            }
            apply(done);
        }
        return OptionalLong.empty();
    }

    private void apply(long number) {
        Operation operation = work.at(number);
        int before = differs(operation.id());
        if (operation.makesBlock()) {
            expected.put(operation.id(), new Stamp(worker, work.lapOf(number), operation.id(), operation.bytes()));
        } else {
            expected.remove(operation.id());
        }
        differences += differs(operation.id()) - before;
        if (Worker.isTransaction(operation, number)) {
            lastTransaction = number;
        }
    }

    private int differs(int id) {
        Stamp wanted = expected.get(id);
        Stamp there = found.get(id);
        return wanted == null ? (there == null ? 0 : 1) : (wanted.equals(there) ? 0 : 1);
    }

    /** What of the state after the acknowledged operations is not there although no later operation takes it away. */
    long lost(long acknowledged) {
        return differing(acknowledged, true);
    }

    /** What is there although neither the acknowledged operations nor a later one made it. */
    long surplus(long acknowledged) {
        return differing(acknowledged, false);
    }

    private long differing(long acknowledged, boolean missing) {
        Position fresh = new Position(work, worker, found);
        for (long done = 0; done < acknowledged; done++) {
            fresh.apply(done);
        }
        Map<Integer, Stamp> wanted = fresh.expected;
        Map<Integer, Stamp> from = missing ? wanted : found;
        Map<Integer, Stamp> in = missing ? found : wanted;
        Map<Integer, Stamp> unexplained = new HashMap<>(from);
        unexplained.entrySet().removeIf(entry -> entry.getValue().equals(in.get(entry.getKey())));
        for (long later = acknowledged; later < acknowledged + UNACKNOWLEDGED_MAX; later++) {
            unexplained.remove(work.at(later).id());
        }
        return unexplained.size();
    }
}
