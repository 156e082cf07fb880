package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.Handles;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;

/**
 * Many threads at once; each unit has an owner, and a unit that is handed out to two at a time is seen by one of
 * them.
 */
class BuddyStressTest {
    private static final int THREADS = 4;
    private static final int STEPS = 20_000;
    private static final int HELD_MAX = 64;
    private static final int UNIT_BYTES = 64;

    private record Held(long handle, long bytes, long value, boolean published) {}

    private final BuddyHeap heap = new BuddyHeap(4096, 4096 + (512 << 10), UNIT_BYTES, false);
    private final AtomicIntegerArray owners = new AtomicIntegerArray((int) heap.layout.unitCount());

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void no_unit_is_ever_handed_out_twice(boolean virtualThreads) throws Exception {
        run(virtualThreads, owner -> new PolicyAccess(heap.policy()) {});
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void no_unit_is_ever_handed_out_twice_through_accesses(boolean exclusive) throws Exception {
        run(false, owner -> heap.policy().openAccess(exclusive));
    }

    @Test
    void no_unit_is_ever_handed_out_twice_through_accesses_of_both_kinds_and_the_policy() throws Exception {
        run(
                false,
                owner -> owner == 1
                        ? new PolicyAccess(heap.policy()) {}
                        : heap.policy().openAccess(owner == 2));
    }

    private void run(boolean virtualThreads, IntFunction<PolicyAccess> accesses) throws Exception {
        long seed = Long.decode(System.getProperty("pmem.seed", "1"));
        long fresh = heap.policy().largestFreeBytes();
        List<Callable<List<Held>>> work = new ArrayList<>();
        for (int thread = 1; thread <= THREADS; thread++) {
            int owner = thread;
            work.add(() -> new Worker(owner, seed + owner, accesses).run());
        }
        List<Held> left = new ArrayList<>();
        try (ExecutorService threads =
                virtualThreads ? Executors.newVirtualThreadPerTaskExecutor() : Executors.newFixedThreadPool(THREADS)) {
            for (Future<List<Held>> result : threads.invokeAll(work)) {
                left.addAll(result.get());
            }
        } catch (Exception | AssertionError failed) {
            throw new AssertionError(
                    "failed; repeat: mvn -pl pmem.policy.buddy -am test -Dtest=BuddyStressTest"
                            + " -Dsurefire.failIfNoSpecifiedTests=false -Dpmem.seed=0x" + Long.toHexString(seed),
                    failed);
        }
        Policy policy = heap.policy();
        assertThat(heap.verify()).isEmpty();
        assertThat(policy.liveBlocks()).isEqualTo(left.size());
        assertThat(policy.liveBytes())
                .isEqualTo(left.stream().mapToLong(Held::bytes).sum());
        assertThat(heap.allocated())
                .hasSize((int) left.stream().filter(Held::published).count());
        left.forEach(block -> giveBack(block, new PolicyAccess(policy) {}));
        assertThat(policy.largestFreeBytes()).isEqualTo(fresh);
        assertThat(heap.verify()).isEmpty();
        assertThat(heap.fill(1)).isEqualTo(heap.layout.unitCount());
    }

    private void giveBack(Held block, PolicyAccess access) {
        if (block.published) {
            heap.clear(block.handle);
        }
        access.release(block.handle, block.value);
    }

    private final class Worker {
        private final int owner;
        private final PolicyAccess access;
        private final RandomGenerator random;
        private final List<Held> held = new ArrayList<>();

        Worker(int owner, long seed, IntFunction<PolicyAccess> accesses) {
            access = accesses.apply(owner);
            this.owner = owner;
            random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        }

        List<Held> run() {
            for (int step = 0; step < STEPS; step++) {
                if (held.size() < HELD_MAX && random.nextInt(5) < 3) {
                    take();
                } else if (!held.isEmpty()) {
                    Held block = held.remove(random.nextInt(held.size()));
                    own(block, owner, 0);
                    giveBack(block, access);
                }
                if (step % 64 == 0) {
                    takeHalfOfTheSpace();
                }
            }
            access.close();
            return held;
        }

        // Mostly there is no room: what others keep is drained while they use it.
        private void takeHalfOfTheSpace() {
            long handle = access.reserve(256 << 10, 1);
            if (handle != Handles.NONE) {
                access.release(handle, access.allocatedValue(handle, 256 << 10, 1));
            }
        }

        private void take() {
            long bytes = 1L + random.nextInt(1 << random.nextInt(1, 14));
            long alignmentBytes = 1L << (random.nextInt(4) == 0 ? random.nextInt(13) : 0);
            long handle = access.reserve(bytes, alignmentBytes);
            if (handle == Handles.NONE) {
                return;
            }
            long value = heap.policy().allocatedValue(handle, bytes, alignmentBytes);
            boolean publish = random.nextBoolean();
            Held block = new Held(handle, heap.policy().usableBytes(handle, value), value, publish);
            own(block, 0, owner);
            if (publish) {
                heap.publish(handle, value);
            }
            held.add(block);
        }

        private void own(Held block, int from, int to) {
            int first = (int) (heap.layout.unit(block.handle) - heap.layout.firstUnit());
            for (int unit = first; unit < first + block.bytes / UNIT_BYTES; unit++) {
                int found = owners.compareAndExchange(unit, from, to);
                if (found != from) {
                    throw new AssertionError("unit " + unit + ": expected owner " + from + ", found " + found);
                }
            }
        }
    }
}
