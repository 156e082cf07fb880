package pmem.testkit.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.spi.RegionOptions;
import pmem.spi.RegionProvider;

/**
 * A directory of its own with the pools of one test, all of one {@link PoolSetting}. Closing it closes the pools and removes
 * the files. For one thread.
 *
 * <p>Pool files are in {@code /dev/shm} where that is writable and has the setting's domain, else in the temporary directory or
 * that of the build; the system property {@code pmem.dir} names another directory, for example one on a disk.
 */
public final class PoolHome implements AutoCloseable {
    private static final long ERASED_BYTES = 8192;

    private final PoolSetting setting;
    private final UnaryOperator<Pool> decorator;
    private final Path directory;
    private final IdentityHashMap<Pool, Path> paths = new IdentityHashMap<>();
    private final List<Pool> opened = new ArrayList<>();
    private int files;

    /** A home for pools of one setting. */
    public PoolHome(PoolSetting setting) {
        this(setting, UnaryOperator.identity());
    }

    /** A home whose pools all pass through a decorator, for example one that plants a fault. */
    public PoolHome(PoolSetting setting, UnaryOperator<Pool> decorator) {
        this.setting = setting;
        this.decorator = decorator;
        try {
            this.directory = Files.createTempDirectory(PoolDirectories.of(setting.domain()), "pmem-testkit-");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** How the pools here are made. */
    public PoolSetting setting() {
        return setting;
    }

    /** A path in this home that names nothing yet; or a device without a pool, if all pools are on one. */
    public Path newPath() {
        Optional<Path> device = PoolDirectories.device();
        if (device.isPresent()) {
            erase(device.get());
            return device.get();
        }
        files++;
        return directory.resolve("test-" + files + ".pool");
    }

    // As a user would, who gives a device up: zeros over its superblocks.
    private static void erase(Path device) {
        try (Region region = Providers.only(RegionProvider.class).open(device, RegionOptions.defaults())) {
            region.slice(0, ERASED_BYTES).fill((byte) 0);
        }
    }

    /** Creates a pool as the setting says. */
    public Pool create() {
        return create(setting.options());
    }

    /** Creates a pool with options made from {@link PoolSetting#options()}. */
    public Pool create(PoolOptions options) {
        if (setting.isVolatile()) {
            return remember(Pool.openVolatile(options), directory);
        }
        return open(newPath(), options);
    }

    /** Opens a pool on a path of this home. */
    public Pool open(Path path, PoolOptions options) {
        return remember(Pool.open(path, options), path);
    }

    /** Opens the pool that is on a path of this home, on the setting's domain. */
    public Pool open(Path path) {
        return open(path, PoolOptions.open().durability(setting.domain()).placement(setting.placement()));
    }

    /** The file of a pool that was opened here. */
    public Path path(Pool pool) {
        Path path = paths.get(pool);
        if (path == null) {
            throw new IllegalArgumentException("pool was not opened here: directory=" + directory);
        }
        return path;
    }

    /** Closes a pool and opens it again. */
    public Pool reopen(Pool pool) {
        Path path = path(pool);
        pool.close();
        return open(path);
    }

    /**
     * A copy of a pool's file as it is now: while the pool is open, what a killed process would have left behind, since the
     * kernel keeps every store.
     */
    public Path copyOf(Pool pool) {
        Path copy = newPath();
        try {
            Files.copy(path(pool), copy);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return copy;
    }

    /** Opens a {@linkplain #copyOf copy} of a pool that is still open, as after a crash. */
    public Pool openAsAfterCrash(Pool pool) {
        return open(copyOf(pool));
    }

    /** The bytes of a pool's file now. */
    public byte[] media(Pool pool) {
        try {
            return Files.readAllBytes(path(pool));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** All pools opened here, in that order, the closed ones included. */
    public List<Pool> opened() {
        return List.copyOf(opened);
    }

    private Pool remember(Pool pool, Path path) {
        Pool decorated = decorator.apply(pool);
        paths.put(decorated, path);
        opened.add(decorated);
        return decorated;
    }

    @Override
    public void close() {
        for (Pool pool : opened) {
            pool.close();
        }
        try (Stream<Path> found = Files.walk(directory)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
