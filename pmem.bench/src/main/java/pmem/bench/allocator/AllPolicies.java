package pmem.bench.allocator;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import pmem.api.DurabilityDomain;
import pmem.api.Size;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.RoundRunner;
import pmem.bench.measure.Workload;
import pmem.bench.measure.WorkloadKind;
import pmem.bench.measure.WorkloadSpec;
import pmem.spi.Providers;

/** Uses every policy for a while, so that the calls a pool makes to its policy have many targets, as in a program with several. */
public final class AllPolicies {
    private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(60);
    private static final long CAPACITY_BYTES = Size.mib(256);

    private AllPolicies() {}

    /** Uses them, through pools and through accesses. */
    public static void use() {
        Setting setting = new Setting(Path.of(""), CAPACITY_BYTES, Workload.SLOTS_STRIDE, false);
        for (var policy : Providers.policies()) {
            Subject subject = Subject.pool(policy.id(), DurabilityDomain.VOLATILE);
            use(new PoolAllocator(subject, setting));
            use(new AccessAllocator(subject, setting));
        }
    }

    private static void use(Allocator opened) {
        try (opened) {
            RoundRunner.run(opened, WorkloadSpec.of(WorkloadKind.PAIR, 64), NANOS);
            RoundRunner.run(opened, WorkloadSpec.of(WorkloadKind.CHURN, 0), NANOS);
        }
    }
}
