package pmem.testkit.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import pmem.spi.PolicyProvider;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;

/**
 * Damages images of one policy's pools and judges what opening, verifying, checking and repairing them answers. Immutable: each
 * setting gives a new fuzzer.
 */
public final class ImageFuzzer {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int CHUNK = 256;

    private final PoolProvider provider;
    private final PolicyProvider policy;
    private final long images;
    private final long seed;
    private final int threads;

    private ImageFuzzer(PoolProvider provider, PolicyProvider policy, long images, long seed, int threads) {
        this.provider = provider;
        this.policy = policy;
        this.images = images;
        this.seed = seed;
        this.threads = threads;
    }

    /** Fuzzes a policy on the module path: every byte of metadata once and no more, seed 1, as many threads as processors. */
    public static ImageFuzzer of(String policyId) {
        return new ImageFuzzer(
                Providers.only(PoolProvider.class),
                Providers.policy(policyId),
                0,
                1,
                Runtime.getRuntime().availableProcessors());
    }

    /** How many images; those that cover every byte of metadata come first and are made in any case. */
    public ImageFuzzer images(long count) {
        return new ImageFuzzer(provider, policy, count, seed, threads);
    }

    /** Seed of the random part. */
    public ImageFuzzer seed(long chosen) {
        return new ImageFuzzer(provider, policy, images, chosen, threads);
    }

    /** How many threads. */
    public ImageFuzzer threads(int count) {
        return new ImageFuzzer(provider, policy, images, seed, count);
    }

    /** Another provider of pools than the one on the module path. */
    public ImageFuzzer provider(PoolProvider other) {
        return new ImageFuzzer(other, policy, images, seed, threads);
    }

    /** Runs to the end. */
    public FuzzReport run() {
        return run(-1);
    }

    /** Judges the one image with this number. */
    public FuzzReport only(long index) {
        return run(index);
    }

    private FuzzReport run(long only) {
        long started = System.nanoTime();
        // The intact images come from the provider on the module path, so that a faulty one is judged by right ones.
        List<BaseImage> bases = BaseImages.of(Providers.only(PoolProvider.class), policy.id());
        DamagePlan plan = new DamagePlan(bases, seed);
        FuzzReport report = new FuzzReport(policy.id(), seed);
        long from = only < 0 ? 0 : only;
        long to = only < 0 ? Math.max(images, plan.exhaustiveCount()) : only + 1;
        AtomicLong next = new AtomicLong(from);
        List<Thread> crew = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Map<String, Long> parameters = BaseImages.smallest(policy);
            long longest = bases.stream().mapToLong(BaseImage::bytes).max().orElseThrow();
            ImageJudge judge = new ImageJudge(provider, policy, parameters, longest);
            crew.add(Thread.ofPlatform().start(() -> work(plan, judge, report, next, to)));
        }
        crew.forEach(ImageFuzzer::join);
        report.took((System.nanoTime() - started) / NANOS_PER_SECOND);
        return report;
    }

    private static void work(DamagePlan plan, ImageJudge judge, FuzzReport report, AtomicLong next, long to) {
        for (long from = next.getAndAdd(CHUNK); from < to; from = next.getAndAdd(CHUNK)) {
            for (long index = from; index < Math.min(to, from + CHUNK); index++) {
                DamagedImage image = plan.image(index);
                report.add(image, judge.judge(image));
            }
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
