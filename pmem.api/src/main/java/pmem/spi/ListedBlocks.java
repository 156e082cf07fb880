package pmem.spi;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import pmem.api.Handles;

/** A group that remembers its blocks one by one; for any policy. */
public final class ListedBlocks extends BlockGroup {
    private final Policy policy;
    /** What would mark each block as allocated. */
    private final Map<Long, Long> values = new HashMap<>();

    private final AtomicLong blocks = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** An empty group. */
    public ListedBlocks(Policy policy) {
        this.policy = policy;
    }

    @Override
    public long reserve(long askedBytes, long alignmentBytes) {
        long handle = policy.reserve(askedBytes, alignmentBytes);
        if (handle != Handles.NONE) {
            long value = policy.allocatedValue(handle, askedBytes, alignmentBytes);
            values.put(handle, value);
            count(1, policy.usableBytes(handle, value));
        }
        return handle;
    }

    @Override
    public long usableBytes(long handle) {
        Long value = values.get(handle);
        return value == null ? 0 : policy.usableBytes(handle, value);
    }

    @Override
    public void detach(long handle) {
        Long value = values.remove(handle);
        if (value == null) {
            throw new IllegalStateException("block is not in the group: handle=" + Handles.format(handle));
        }
        count(-1, -policy.usableBytes(handle, value));
    }

    @Override
    public void release() {
        count(-blocks.get(), -bytes.get());
        values.forEach(policy::release);
        values.clear();
    }

    @Override
    public long blocks() {
        return blocks.get();
    }

    @Override
    public long usableBytes() {
        return bytes.get();
    }

    // The owner alone writes.
    private void count(long addedBlocks, long addedBytes) {
        blocks.setRelease(blocks.getPlain() + addedBlocks);
        bytes.setRelease(bytes.getPlain() + addedBytes);
    }
}
