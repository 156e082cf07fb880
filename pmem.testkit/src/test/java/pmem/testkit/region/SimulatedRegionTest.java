package pmem.testkit.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import pmem.spi.PersistPoint;

class SimulatedRegionTest {
    private static final PersistPoint POINT = new PersistPoint("test.point", "for tests");
    private static final long OTHER_LINE = 64;

    private final SimulatedRegion region = SimulatedRegion.zeroed(4096);

    /** The words at offsets 0, 8 and 64 of all images that are possible now. */
    private List<List<Long>> images(boolean torn) {
        CrashMoment moment = region.takeMoment();
        return collect(CrashImages.of(region, moment, torn));
    }

    private static List<List<Long>> collect(CrashImages images) {
        List<List<Long>> found = new ArrayList<>();
        images.forEach(1000, current -> {
            long[] words = current.build();
            assertThat(SimulatedRegion.hashOf(words)).isEqualTo(current.hash());
            found.add(List.of(words[0], words[1], words[8]));
            return true;
        });
        return found;
    }

    @Test
    void stores_to_one_line_reach_media_in_their_order() {
        region.storePlain(0, 1);
        region.storePlain(8, 2);
        assertThat(images(false))
                .containsExactlyInAnyOrder(List.of(0L, 0L, 0L), List.of(1L, 0L, 0L), List.of(1L, 2L, 0L));
    }

    @Test
    void torn_words_of_one_line_reach_media_in_any_order() {
        region.storePlain(0, 1);
        region.storePlain(8, 2);
        assertThat(images(true))
                .containsExactlyInAnyOrder(
                        List.of(0L, 0L, 0L), List.of(1L, 0L, 0L), List.of(0L, 2L, 0L), List.of(1L, 2L, 0L));
    }

    @Test
    void lines_reach_media_in_any_order() {
        region.storePlain(0, 1);
        region.storePlain(OTHER_LINE, 2);
        assertThat(images(false))
                .containsExactlyInAnyOrder(
                        List.of(0L, 0L, 0L), List.of(1L, 0L, 0L), List.of(0L, 0L, 2L), List.of(1L, 0L, 2L));
    }

    @Test
    void a_fence_completes_the_stores_made_before_the_write_back_and_no_later_ones() {
        region.storePlain(0, 1);
        region.writeBack(POINT, 0, 8);
        region.storePlain(8, 2);
        region.fence(POINT);
        assertThat(images(false)).containsExactlyInAnyOrder(List.of(1L, 0L, 0L), List.of(1L, 2L, 0L));
        assertThat(images(true)).containsExactlyInAnyOrder(List.of(1L, 0L, 0L), List.of(1L, 2L, 0L));
    }

    @Test
    void a_fence_completes_the_write_backs_of_its_own_thread_only() throws Exception {
        region.storePlain(0, 1);
        region.writeBack(POINT, 0, 8);
        Thread other = Thread.ofPlatform().start(() -> region.fence(POINT));
        other.join();
        assertThat(images(false)).hasSize(2);
        region.fence(POINT);
        assertThat(images(false)).containsExactly(List.of(1L, 0L, 0L));
    }

    @Test
    void a_write_back_without_a_fence_promises_nothing_and_a_fence_without_it_neither() {
        region.storePlain(0, 1);
        region.fence(POINT);
        region.writeBack(POINT, 0, 8);
        assertThat(images(false)).hasSize(2);
    }

    @Test
    void stores_through_a_slice_are_found_and_become_durable_like_others() {
        region.slice(0, 64).set(ValueLayout.JAVA_LONG, 8, 5);
        assertThat(images(false)).containsExactlyInAnyOrder(List.of(0L, 0L, 0L), List.of(0L, 5L, 0L));
        region.writeBackAndFence(POINT, 8);
        assertThat(images(false)).containsExactly(List.of(0L, 5L, 0L));
    }

    @Test
    void a_moment_before_each_fence_is_kept_when_asked_for_and_shows_only_what_is_new() {
        region.record(true);
        final CrashMoment start = region.takeMoment();
        region.storePlain(0, 1);
        region.writeBackAndFence(POINT, 0);
        region.storePlain(OTHER_LINE, 2);
        region.writeBackAndFence(POINT, OTHER_LINE);
        List<CrashMoment> moments = region.moments();
        assertThat(moments).hasSize(3);
        assertThat(collect(CrashImages.newSince(region, start, moments.get(1), false)))
                .containsExactly(List.of(1L, 0L, 0L));
        assertThat(collect(CrashImages.newSince(region, moments.get(1), moments.get(2), false)))
                .containsExactly(List.of(1L, 0L, 2L));
    }

    @Test
    void a_mutation_spoils_one_half_at_one_point() {
        for (Mutation.Kind kind : Mutation.Kind.values()) {
            SimulatedRegion leaky =
                    SimulatedRegion.onMedia(new long[512], Optional.of(new Mutation(POINT.name(), kind)));
            leaky.storePlain(0, 1);
            leaky.writeBackAndFence(POINT, 0);
            assertThat(collect(CrashImages.of(leaky, leaky.takeMoment(), false)))
                    .hasSize(2);
        }
    }

    @Test
    void a_late_write_back_and_an_early_fence_are_made_up_for_by_the_next_fence() {
        for (Mutation.Kind kind : List.of(Mutation.Kind.WRITE_BACK_LATE, Mutation.Kind.FENCE_EARLY)) {
            SimulatedRegion reordering =
                    SimulatedRegion.onMedia(new long[512], Optional.of(new Mutation(POINT.name(), kind)));
            reordering.storePlain(0, 1);
            reordering.writeBackAndFence(POINT, 0);
            reordering.fence(new PersistPoint("test.next", "for tests"));
            assertThat(collect(CrashImages.of(reordering, reordering.takeMoment(), false)))
                    .as(kind.toString())
                    .containsExactly(List.of(1L, 0L, 0L));
        }
    }

    @Test
    void an_early_fence_waits_for_the_write_backs_before_the_last() {
        SimulatedRegion reordering = SimulatedRegion.onMedia(
                new long[512], Optional.of(new Mutation(POINT.name(), Mutation.Kind.FENCE_EARLY)));
        reordering.storePlain(0, 1);
        reordering.writeBack(POINT, 0, 8);
        reordering.storePlain(OTHER_LINE, 2);
        reordering.writeBackAndFence(POINT, OTHER_LINE);
        assertThat(collect(CrashImages.of(reordering, reordering.takeMoment(), false)))
                .containsExactlyInAnyOrder(List.of(1L, 0L, 0L), List.of(1L, 0L, 2L));
    }

    @Test
    void more_images_than_the_limit_are_sampled_and_the_caller_is_told() {
        for (long line = 0; line < 20; line++) {
            region.storePlain(line * 64, 1);
        }
        CrashImages images = CrashImages.of(region, region.takeMoment(), false);
        assertThat(images.combinations()).isEqualTo(1 << 20);
        int[] visited = new int[1];
        assertThat(images.forEach(100, current -> ++visited[0] > 0)).isFalse();
        assertThat(visited[0]).isEqualTo(100);
    }

    @Test
    void reopening_keeps_what_is_not_durable_visible_and_not_durable() {
        region.storePlain(0, 1);
        region.close();
        SimulatedRegion next = region.reopened();
        assertThat(next.loadPlain(0)).isEqualTo(1);
        assertThat(collect(CrashImages.of(next, next.takeMoment(), false))).hasSize(2);
    }

    @Test
    void a_closed_region_and_a_misaligned_word_are_refused() {
        assertThatThrownBy(() -> region.loadPlain(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0x4");
        region.close();
        assertThatThrownBy(() -> region.loadPlain(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> region.fence(POINT)).isInstanceOf(IllegalStateException.class);
    }
}
