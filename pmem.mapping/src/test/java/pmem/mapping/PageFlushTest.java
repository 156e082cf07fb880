package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import pmem.api.PoolIoException;

class PageFlushTest {
    private final List<String> flushed = new CopyOnWriteArrayList<>();
    private final PageFlush flush = new PageFlush("p", (offset, bytes) -> {
        flushed.add(offset + "+" + bytes);
        return 0;
    });

    @Test
    void a_fence_flushes_whole_pages_once() {
        flush.writeBack(4095, 2);
        flush.writeBack(100, 8);
        flush.writeBack(81920, 4096);
        flush.fence();
        flush.fence();
        assertThat(flushed).containsExactly("0+8192", "81920+4096");
    }

    @Test
    void a_fence_leaves_the_pages_of_other_threads_alone() throws InterruptedException {
        flush.writeBack(0, 8);
        Thread other = Thread.ofPlatform().start(() -> {
            flush.writeBack(8192, 8);
            flush.fence();
        });
        other.join();
        assertThat(flushed).containsExactly("8192+4096");
        flush.fence();
        assertThat(flushed).containsExactly("8192+4096", "0+4096");
    }

    @Test
    void after_a_failed_flush_every_thread_is_told() throws InterruptedException {
        PageFlush failing = new PageFlush("p", (offset, bytes) -> -Errno.EIO);
        failing.writeBack(8192, 8);
        assertThatThrownBy(failing::fence)
                .isInstanceOf(PoolIoException.class)
                .hasMessageContaining("pool=p")
                .hasMessageContaining("offset=0x2000")
                .hasMessageContaining("errno=5");
        List<Class<?>> seen = new CopyOnWriteArrayList<>();
        Thread other = Thread.ofPlatform().start(() -> {
            try {
                failing.fence();
            } catch (PoolIoException failure) {
                seen.add(failure.getClass());
            }
            try {
                failing.writeBack(0, 8);
            } catch (PoolIoException failure) {
                seen.add(failure.getClass());
            }
        });
        other.join();
        assertThat(seen).containsExactly(PoolIoException.class, PoolIoException.class);
    }
}
