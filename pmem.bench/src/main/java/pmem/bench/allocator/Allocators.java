package pmem.bench.allocator;

import pmem.bench.measure.Allocator;

/** Opens what is to be measured. Only the class asked for is loaded, so that the calls to it have one target. */
public final class Allocators {
    private Allocators() {}

    /**
     * Opens an allocator in this process.
     *
     * @throws IllegalArgumentException if there is none of this name, or it is not run in Java
     */
    public static Allocator open(Subject subject, Setting setting) {
        if (subject.allPoliciesLoaded()) {
            AllPolicies.use();
        }
        if (subject.isApart()) {
            return new ApartAllocator(subject, setting);
        }
        if (subject.isPool()) {
            return subject.throughAccess()
                    ? new AccessAllocator(subject, setting)
                    : new PoolAllocator(subject, setting);
        }
        if (subject.allocator().equals(Subject.FLOOR)) {
            return new FloorAllocator(setting);
        }
        Rival rival = Rival.of(subject.allocator())
                .orElseThrow(() -> new IllegalArgumentException("unknown allocator: found=" + subject.allocator()));
        return switch (rival) {
            case ARENA -> new ArenaAllocator(setting);
            case UNSAFE -> new UnsafeAllocator(setting);
            case MALLOC, JEMALLOC, MIMALLOC, TCMALLOC -> new MallocAllocator(setting);
            case NETTY_POOLED -> NettyAllocator.pooled(setting);
            case NETTY_ADAPTIVE -> NettyAllocator.adaptive(setting);
            case MEMKIND -> new MemkindAllocator(setting);
            case PMEMOBJ -> new PmemobjAllocator(setting);
            case LLPL -> new LlplAllocator.Blocks(setting);
            case LLPL_COMPACT -> new LlplAllocator.CompactBlocks(setting);
            case LLPL_PERSISTENT -> new LlplAllocator.PersistentBlocks(setting);
            case LLPL_TRANSACTIONAL -> new LlplAllocator.TransactionalBlocks(setting);
            case C_MALLOC, C_JEMALLOC, C_MIMALLOC, C_TCMALLOC, C_FLOOR, C_PMEMOBJ, C_PMEMOBJ_SLOT ->
                throw new IllegalArgumentException("allocator is not run in Java: found=" + rival.title());
        };
    }
}
