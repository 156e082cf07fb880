package pmem.policy.bitmap;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicySpace;
import pmem.spi.StateField;

/** The bitmap policy over an array, with the changes of state words that a pool would make. */
final class Heap {
    static final long START_OFFSET = 4096;

    private static final PersistPoint STATE_CHANGED =
            new PersistPoint("test.state-changed", "The state word is durable.");

    final ArrayRegion region;
    final PolicySpace space;
    final Policy policy;
    private final PolicyParameters parameters;

    private Heap(ArrayRegion region, PolicyParameters parameters) {
        this.region = region;
        this.parameters = parameters;
        space = new PolicySpace(region, START_OFFSET, region.capacityBytes());
        policy = new BitmapProvider().attach(space, parameters);
    }

    static Heap create(long spaceBytes, Map<String, Long> chosen) {
        return new Heap(new ArrayRegion(START_OFFSET + spaceBytes), PolicyParameters.of(new BitmapProvider(), chosen));
    }

    Heap afterPowerLoss() {
        return new Heap(region.afterPowerLoss(), parameters);
    }

    long allocate(long bytes) {
        return allocate(bytes, 1);
    }

    long allocate(long bytes, long alignmentBytes) {
        long handle = policy.reserve(bytes, alignmentBytes);
        if (handle != Handles.NONE) {
            change(handle, 0, policy.allocatedValue(handle, bytes, alignmentBytes));
        }
        return handle;
    }

    void free(long handle) {
        long value = stateOf(handle);
        change(handle, value, 0);
        policy.release(handle, value);
    }

    long usableBytes(long handle) {
        return policy.usableBytes(handle, stateOf(handle));
    }

    long stateOf(long handle) {
        long field = policy.stateField(handle);
        return field == StateField.NONE
                ? 0
                : StateField.extract(region.loadAcquire(StateField.wordOffset(field)), field);
    }

    private void change(long handle, long from, long to) {
        long field = policy.stateField(handle);
        long offset = StateField.wordOffset(field);
        long word;
        do {
            word = region.loadAcquire(offset);
            if (StateField.extract(word, field) != from || from == to) {
                throw new AssertionError("state of block: expected " + from + ", found="
                        + StateField.extract(word, field) + " handle=" + Handles.format(handle));
            }
        } while (!region.compareAndSet(offset, word, StateField.insert(word, field, to)));
        region.writeBackAndFence(STATE_CHANGED, offset);
    }

    /** Allocates blocks of one size until there is no room. */
    List<Long> fill(long bytes) {
        List<Long> handles = new ArrayList<>();
        for (long handle = allocate(bytes); handle != Handles.NONE; handle = allocate(bytes)) {
            handles.add(handle);
        }
        return handles;
    }

    NavigableMap<Long, Long> liveSet() {
        TreeMap<Long, Long> live = new TreeMap<>();
        policy.forEachAllocated((handle, bytes) -> {
            if (live.put(handle, bytes) != null) {
                throw new AssertionError("visited twice: handle=" + Handles.format(handle));
            }
        });
        return live;
    }

    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        policy.verify(findings::add);
        return findings;
    }
}
