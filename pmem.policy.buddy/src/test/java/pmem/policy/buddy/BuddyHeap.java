package pmem.policy.buddy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.HeapRegion;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicySpace;
import pmem.spi.StateField;

/** A buddy space with a policy on it, and what a pool does with state fields, without making anything durable. */
final class BuddyHeap {
    private static final BuddyPolicyProvider PROVIDER = new BuddyPolicyProvider();

    final HeapRegion region;
    final PolicySpace space;
    final PolicyParameters parameters;
    final HeadTagLayout layout;
    private Policy policy;

    BuddyHeap(long startOffset, long endOffset, long unitBytes, boolean keepTail) {
        region = new HeapRegion(endOffset);
        space = new PolicySpace(region, startOffset, endOffset);
        parameters = parameters(unitBytes, keepTail);
        layout = new HeadTagLayout(space, BuddyParameters.from(parameters));
        PROVIDER.format(space, parameters, true);
        policy = PROVIDER.attach(space, parameters);
    }

    /** A space from 4096 on with units of 64 bytes that gives tails back. */
    static BuddyHeap ofBytes(long spaceBytes) {
        return new BuddyHeap(4096, 4096 + spaceBytes, 64, false);
    }

    static PolicyParameters parameters(long unitBytes, boolean keepTail) {
        return PolicyParameters.of(PROVIDER, Map.of("unitBytes", unitBytes, "keepTail", keepTail ? 1L : 0L));
    }

    Policy policy() {
        return policy;
    }

    /** Forgets everything in DRAM and builds it from media. */
    Policy reattach() {
        policy = PROVIDER.attach(space, parameters);
        return policy;
    }

    /** Reserves and publishes. */
    long allocate(long bytes, long alignmentBytes) {
        long handle = policy.reserve(bytes, alignmentBytes);
        if (handle != Handles.NONE) {
            publish(handle, policy.allocatedValue(handle, bytes, alignmentBytes));
        }
        return handle;
    }

    long allocate(long bytes) {
        return allocate(bytes, 1);
    }

    void publish(long handle, long allocatedValue) {
        exchange(handle, 0, allocatedValue);
    }

    /** Clears the state field, then releases. */
    void free(long handle) {
        long value = value(handle);
        exchange(handle, value, 0);
        policy.release(handle, value);
    }

    /** Clears the state field, no more. */
    void clear(long handle) {
        exchange(handle, value(handle), 0);
    }

    /** The value of a block's state field. */
    long value(long handle) {
        long field = policy.stateField(handle);
        return StateField.extract(region.loadAcquire(StateField.wordOffset(field)), field);
    }

    private void exchange(long handle, long expected, long value) {
        long field = policy.stateField(handle);
        long wordOffset = StateField.wordOffset(field);
        long word;
        do {
            word = region.loadAcquire(wordOffset);
            if (StateField.extract(word, field) != expected || value == expected) {
                throw new AssertionError("state field of " + Handles.format(handle) + ": expected " + expected
                        + ", found " + StateField.extract(word, field));
            }
        } while (!region.compareAndSet(wordOffset, word, StateField.insert(word, field, value)));
    }

    long usableBytes(long handle) {
        return policy.usableBytes(handle, value(handle));
    }

    /** Handles and usable sizes of the allocated blocks, ascending. */
    Map<Long, Long> allocated() {
        Map<Long, Long> blocks = new TreeMap<>();
        policy.forEachAllocated((handle, usableBytes) -> {
            if (blocks.put(handle, usableBytes) != null) {
                throw new AssertionError("visited twice: " + Handles.format(handle));
            }
        });
        return blocks;
    }

    /** Bytes that are neither in a block nor kept for a thread. */
    long freeBytesInTrees() {
        return ((BuddyPolicy) policy).freeBytesInTrees();
    }

    List<Finding> verify() {
        List<Finding> findings = new ArrayList<>();
        policy.verify(findings::add);
        return findings;
    }

    /** Number of blocks of a size that can be allocated until there is no room; they stay allocated. */
    long fill(long bytes) {
        long count = 0;
        while (allocate(bytes) != Handles.NONE) {
            count++;
        }
        return count;
    }
}
