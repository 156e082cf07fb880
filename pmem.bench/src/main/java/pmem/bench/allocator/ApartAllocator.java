package pmem.bench.allocator;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Capability;

/**
 * A volatile pool for each thread, used through an access. The threads share nothing of ours, so where the threads of one pool are
 * slower than these, they share lines or locks; where they are not, it is the machine that does not scale.
 */
final class ApartAllocator implements Allocator {
    private final Subject subject;
    private final Setting setting;
    private final List<AccessAllocator> pools = new ArrayList<>();

    ApartAllocator(Subject subject, Setting setting) {
        this.subject = subject;
        this.setting = setting;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.PLAIN);
    }

    @Override
    public Allocator forThread(int thread) {
        while (pools.size() <= thread) {
            pools.add(new AccessAllocator(subject, setting));
        }
        return pools.get(thread).forThread(0);
    }

    @Override
    public void allocate(int slot, long bytes) {
        throw Allocator.missing(Capability.PLAIN);
    }

    @Override
    public void free(int slot) {
        throw Allocator.missing(Capability.PLAIN);
    }

    @Override
    public void close() {
        pools.forEach(AccessAllocator::close);
    }
}
