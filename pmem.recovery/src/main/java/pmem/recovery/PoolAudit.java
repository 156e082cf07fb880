package pmem.recovery;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongConsumer;
import pmem.api.AuditReport;
import pmem.api.AuditReport.StrayReference;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.ReferenceVisitor;

/**
 * Follows references from the roots and reports the live blocks that are never met.
 *
 * <p>A block is known by its index among the sorted handles: 8 bytes each, a bit for "met", and 4 bytes on a stack while its
 * references are not yet followed. No recursion, so a list may be as long as the pool.
 */
final class PoolAudit {
    private static final int STRAY_KEPT_MAX = 1000;
    private static final int FIRST_ROOM = 1024;

    private final Pool pool;
    private final ReferenceVisitor visitor;
    private final BitSet met = new BitSet();
    private final List<StrayReference> stray = new ArrayList<>();
    private long strayCount;

    private long[] handles = new long[FIRST_ROOM];
    private int blocks;
    private int[] waiting = new int[FIRST_ROOM];
    private int waitingCount;

    PoolAudit(Pool pool, ReferenceVisitor visitor) {
        this.pool = pool;
        this.visitor = visitor;
    }

    AuditReport run() {
        pool.forEachBlock((handle, usableBytes) -> collect(handle));
        Arrays.sort(handles, 0, blocks);
        for (long root : pool.roots().values()) {
            meet(Handles.NONE, root);
        }
        follow();
        return report();
    }

    private void collect(long handle) {
        if (blocks == handles.length) {
            handles = Arrays.copyOf(handles, 2 * blocks);
        }
        handles[blocks++] = handle;
    }

    private void follow() {
        while (waitingCount > 0) {
            long from = handles[waiting[--waitingCount]];
            LongConsumer references = to -> meet(from, to);
            visitor.references(pool, from, references);
        }
    }

    private void meet(long from, long to) {
        if (to == Handles.NONE) {
            return;
        }
        int index = Arrays.binarySearch(handles, 0, blocks, to);
        if (index < 0) {
            strayCount++;
            if (stray.size() < STRAY_KEPT_MAX) {
                stray.add(new StrayReference(from, to));
            }
        } else if (!met.get(index)) {
            met.set(index);
            push(index);
        }
    }

    private void push(int index) {
        if (waitingCount == waiting.length) {
            waiting = Arrays.copyOf(waiting, 2 * waitingCount);
        }
        waiting[waitingCount++] = index;
    }

    private AuditReport report() {
        int leaks = blocks - met.cardinality();
        long[] leaked = new long[leaks];
        long[] usableBytes = new long[leaks];
        int count = 0;
        for (int index = met.nextClearBit(0); index < blocks; index = met.nextClearBit(index + 1)) {
            leaked[count] = handles[index];
            usableBytes[count++] = pool.usableBytes(handles[index]);
        }
        return new AuditReport(blocks, leaked, usableBytes, stray, strayCount);
    }
}
