package pmem.bench.open;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import pmem.api.Pool;
import pmem.api.PoolOptions;

/**
 * A pool file that is left again and again as a process leaves it that dies.
 *
 * <p>Closing a pool writes a mark into the first page of its file, that the pool was closed, and nothing else. So a pool is
 * closed to give mapping and lock back, and then the page is put back as it was while the pool was open: what is in the file
 * then is what a kill at that moment would have left. The next open proves it by reporting a crash.
 */
final class CrashedPool implements AutoCloseable {
    private static final int PAGE_BYTES = 4096;
    private static final int BATCH = 1024;
    private static final byte CONTENT = 1;

    private final RecoveryCostSettings settings;
    private final Path path;

    private CrashedPool(RecoveryCostSettings settings, Path path) {
        this.settings = settings;
        this.path = path;
    }

    /** Makes a pool with the blocks asked for and crashes it. */
    static CrashedPool make(RecoveryCostSettings settings) {
        Path path = settings.directory()
                .resolve("recovery-cost-" + settings.policy() + "-"
                        + ProcessHandle.current().pid() + ".pool");
        CrashedPool crashed = new CrashedPool(settings, path);
        boolean filled = false;
        try {
            crashed.create();
            filled = true;
        } finally {
            if (!filled) {
                crashed.close();
            }
        }
        return crashed;
    }

    private void create() {
        Pool pool = Pool.open(
                path,
                withDurability(PoolOptions.createNew(settings.capacityBytes())
                        .policy(settings.policy())
                        .preallocate(settings.preallocate())));
        try (pool) {
            fill(pool);
            crashAfterClose(pool);
        }
    }

    private void fill(Pool pool) {
        int every = settings.freeEvery();
        long[] sizes = new long[BATCH];
        long[] freed = new long[BATCH];
        int live = 0;
        while (live < settings.blocks()) {
            int count = Math.min(BATCH, settings.blocks() - live);
            Arrays.fill(sizes, settings.blockBytes());
            long[] handles = pool.allocateAll(Arrays.copyOf(sizes, count));
            for (long handle : handles) {
                pool.segment(handle).set(ValueLayout.JAVA_BYTE, 0, CONTENT);
            }
            int give = 0;
            for (int i = every - 1; every > 0 && i < count; i += every) {
                freed[give++] = handles[i];
            }
            live += count - give;
            pool.freeAll(Arrays.copyOf(freed, give));
        }
    }

    /** Opens the pool. */
    Pool open() {
        return Pool.open(path, withDurability(PoolOptions.open()));
    }

    /** Gives the pool back and leaves its file as it was before. */
    void crashAfterClose(Pool pool) {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES);
            int read = file.read(page, 0);
            while (page.hasRemaining() && read > 0) {
                read = file.read(page, page.position());
            }
            pool.close();
            page.flip();
            while (page.hasRemaining()) {
                file.write(page, page.position());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("the pool could not be left as by a crash: pool=" + path, failure);
        }
    }

    private PoolOptions withDurability(PoolOptions options) {
        return settings.durability().map(options::durability).orElse(options);
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException failure) {
            throw new UncheckedIOException("the pool could not be deleted: pool=" + path, failure);
        }
    }
}
