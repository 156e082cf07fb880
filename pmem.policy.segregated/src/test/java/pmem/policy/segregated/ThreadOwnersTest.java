package pmem.policy.segregated;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import pmem.spi.HeapRegion;
import pmem.spi.extent.OwnerLock;

/** Which owner a thread without an access finds. */
class ThreadOwnersTest {
    private static final int REGION_BYTES = 4096;

    private final HeapRegion region = new HeapRegion(REGION_BYTES);
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger bound = new AtomicInteger();

    private ThreadOwners owners(int threadsMax) {
        return new ThreadOwners(
                region,
                threadsMax,
                () -> {
                    made.incrementAndGet();
                    return SlabOwner.of(region, new Transit(), 1, 0, 1, OwnerLock.ofOneThread(region));
                },
                bound::incrementAndGet);
    }

    private static @Nullable SlabOwner inThreadThatEnds(ThreadOwners owners, Function<Runnable, Thread> maker)
            throws InterruptedException {
        CompletableFuture<@Nullable SlabOwner> found = new CompletableFuture<>();
        Thread thread = maker.apply(() -> found.complete(owners.ofThread()));
        thread.start();
        thread.join();
        return found.join();
    }

    /** What so many threads that all are alive at once find. */
    private static List<@Nullable SlabOwner> inLivingThreads(ThreadOwners owners, int count)
            throws InterruptedException {
        List<CompletableFuture<@Nullable SlabOwner>> found = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < count; i++) {
            CompletableFuture<@Nullable SlabOwner> own = new CompletableFuture<>();
            found.add(own);
            threads.add(Thread.ofPlatform().start(() -> {
                own.complete(owners.ofThread());
                await(end);
            }));
        }
        List<@Nullable SlabOwner> owned =
                found.stream().map(CompletableFuture::join).toList();
        end.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        return owned;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_thread_finds_the_same_owner_again() {
        ThreadOwners owners = owners(4);
        SlabOwner first = owners.ofThread();
        assertThat(first).isNotNull();
        assertThat(owners.ofThread()).isSameAs(first);
    }

    @Test
    void threads_that_live_at_once_have_owners_of_their_own() throws InterruptedException {
        // In a row their ids mostly are; a place further on serves those that are not.
        List<@Nullable SlabOwner> found = inLivingThreads(owners(64), 8);
        assertThat(found).doesNotContainNull().doesNotHaveDuplicates();
        assertThat(made).hasValue(8);
    }

    @Test
    void when_a_thread_has_ended_another_gets_its_owner() throws InterruptedException {
        ThreadOwners owners = owners(1);
        SlabOwner first = inThreadThatEnds(owners, Thread::new);
        assertThat(first).isNotNull();
        assertThat(inThreadThatEnds(owners, Thread::new)).isSameAs(first);
        assertThat(owners.ofThread()).isSameAs(first);
        assertThat(made).hasValue(1);
    }

    @Test
    void while_a_thread_lives_nobody_gets_its_owner() throws InterruptedException {
        ThreadOwners owners = owners(1);
        SlabOwner first = owners.ofThread();
        assertThat(inThreadThatEnds(owners, Thread::new)).isNull();
        assertThat(owners.ofThread()).isSameAs(first);
    }

    @Test
    void one_thread_after_the_other_has_the_same_owner_wherever_its_place_is() throws InterruptedException {
        ThreadOwners owners = owners(64);
        Set<@Nullable SlabOwner> found = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            found.add(inThreadThatEnds(owners, Thread::new));
        }
        assertThat(found).doesNotContainNull().hasSize(1);
        assertThat(made).hasValue(1);
        assertThat(bound).hasValue(100);
    }

    @Test
    void there_are_no_more_owners_than_threads_that_lived_at_once() throws InterruptedException {
        ThreadOwners owners = owners(64);
        for (int i = 0; i < 20; i++) {
            assertThat(inLivingThreads(owners, 3)).doesNotContainNull().doesNotHaveDuplicates();
        }
        assertThat(made).hasValue(3);
    }

    @Test
    void more_threads_than_places_share_nothing_and_the_others_find_none() throws InterruptedException {
        List<@Nullable SlabOwner> found = inLivingThreads(owners(4), 9);
        assertThat(found.stream().filter(owner -> owner != null)).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void a_number_of_places_is_rounded_up_to_a_power_of_two() throws InterruptedException {
        List<@Nullable SlabOwner> found = inLivingThreads(owners(3), 9);
        assertThat(found.stream().filter(owner -> owner != null)).hasSize(4);
    }

    @Test
    void a_virtual_thread_finds_none() throws InterruptedException {
        ThreadOwners owners = owners(4);
        assertThat(inThreadThatEnds(owners, Thread.ofVirtual()::unstarted)).isNull();
        assertThat(made).hasValue(0);
    }

    @Test
    void without_places_no_thread_finds_one() throws InterruptedException {
        ThreadOwners owners = owners(0);
        assertThat(owners.ofThread()).isNull();
        assertThat(inThreadThatEnds(owners, Thread::new)).isNull();
    }

    @Test
    void all_owners_are_there_to_be_visited_those_of_threads_that_have_ended_too() throws InterruptedException {
        ThreadOwners owners = owners(4);
        Set<@Nullable SlabOwner> found = new HashSet<>();
        found.add(owners.ofThread());
        found.add(inThreadThatEnds(owners, Thread::new));
        assertThat(owners.all()).containsExactlyInAnyOrderElementsOf(found);
    }
}
