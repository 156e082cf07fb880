package pmem.bench.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import pmem.api.DurabilityDomain;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;

/** The pool a benchmark runs on, shared by its threads. */
@State(Scope.Benchmark)
public class BenchmarkPool {
    private static final Path MEMORY_FILES = Path.of("/dev/shm");
    private static final long CAPACITY_BYTES = Size.mib(512);

    /** Id of the policy. */
    @Param({"bitmap", "buddy", "segregated"})
    public String policy = "bitmap";

    /** Id of the durability domain. */
    @Param({"volatile", "forced-cache-line"})
    public String domain = "volatile";

    private Path directory = Path.of(".");
    private Pool pool = unopened();

    /** For JMH. */
    public BenchmarkPool() {}

    private static Pool unopened() {
        return Pool.openVolatile(PoolOptions.create(Size.mib(2)));
    }

    /** Creates the pool, on a memory file if the domain needs one. */
    @Setup(Level.Trial)
    public void open() {
        pool.close();
        PoolOptions options = PoolOptions.create(CAPACITY_BYTES).policy(policy);
        DurabilityDomain durability = DurabilityDomain.ofId(domain);
        if (durability == DurabilityDomain.VOLATILE) {
            pool = Pool.openVolatile(options);
            return;
        }
        try {
            directory = Files.isDirectory(MEMORY_FILES)
                    ? Files.createTempDirectory(MEMORY_FILES, "pmem-bench")
                    : Files.createTempDirectory("pmem-bench");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        pool = Pool.open(directory.resolve("bench.pool"), options.durability(durability));
    }

    /** Closes the pool and deletes its file. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
        try {
            if (Files.deleteIfExists(directory.resolve("bench.pool"))) {
                Files.delete(directory);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    Pool pool() {
        return pool;
    }
}
