package pmem.bench.open;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import pmem.api.DurabilityDomain;
import pmem.api.Pool;
import pmem.api.RecoveryReport;
import pmem.api.Size;

/** Measures what opening a crashed pool costs, and says in which part. */
public final class RecoveryCost {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final double NANOS_PER_MILLI = 1e6;
    private static final List<String> ALL_POLICIES = List.of("bitmap", "buddy", "segregated");
    private static final Path MEMORY_FILES = Path.of("/dev/shm");

    private static final Set<String> NAMES = Set.of(
            "policy",
            "blocks",
            "block-bytes",
            "free-every",
            "capacity",
            "preallocate",
            "warmup",
            "rounds",
            "durability",
            "dir");

    private static final String USAGE = """
            usage: pmem.bench.open.RecoveryCost [name=value]...
              policy=all|bitmap|buddy|segregated   (all)
              blocks=N                             live blocks (1000000)
              block-bytes=SIZE                     size of each (256)
              free-every=N                         free one block in N between them; 0 for none (0)
              capacity=SIZE                        size of the pool (512M)
              preallocate=true|false               give the file all its blocks when it is made (true)
              warmup=N rounds=N                    opens before, and opens that count (40, 41)
              durability=DOMAIN                    durability domain (the strongest there)
              dir=PATH                             where the pool is made (/dev/shm, else the directory for temporary files)
            """;

    private RecoveryCost() {}

    /** Prints a table: a row for the median and one for the best open of each policy. */
    public static void main(String[] arguments) {
        Map<String, String> given = new TreeMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals < 1 || !NAMES.contains(argument.substring(0, equals))) {
                System.err.print(USAGE);
                System.exit(2);
            }
            given.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        String policy = given.getOrDefault("policy", "all");
        List<RecoveryCostResult> results = new ArrayList<>();
        for (String id : policy.equals("all") ? ALL_POLICIES : List.of(policy)) {
            results.add(measure(settings(id, given)));
        }
        print(results, System.out);
    }

    private static RecoveryCostSettings settings(String policy, Map<String, String> given) {
        Path temporary = Files.isDirectory(MEMORY_FILES) ? MEMORY_FILES : Path.of(System.getProperty("java.io.tmpdir"));
        return new RecoveryCostSettings(
                policy,
                Size.parse(given.getOrDefault("capacity", "512M")),
                Boolean.parseBoolean(given.getOrDefault("preallocate", "true")),
                Integer.parseInt(given.getOrDefault("blocks", "1000000")),
                Size.parse(given.getOrDefault("block-bytes", "256")),
                Integer.parseInt(given.getOrDefault("free-every", "0")),
                Integer.parseInt(given.getOrDefault("warmup", "40")),
                Integer.parseInt(given.getOrDefault("rounds", "41")),
                Optional.ofNullable(given.get("durability")).map(DurabilityDomain::ofId),
                Path.of(given.getOrDefault("dir", temporary.toString())));
    }

    /**
     * Makes a pool, crashes and opens it as often as asked.
     *
     * @throws IllegalStateException if an open does not report a crash and all blocks: then nothing was measured
     */
    public static RecoveryCostResult measure(RecoveryCostSettings settings) {
        List<OpenCost> opens = new ArrayList<>();
        try (CrashedPool crashed = CrashedPool.make(settings)) {
            for (int round = 0; round < settings.warmupRounds() + settings.rounds(); round++) {
                OpenCost cost = measureOnce(settings, crashed);
                if (round >= settings.warmupRounds()) {
                    opens.add(cost);
                }
            }
        }
        return new RecoveryCostResult(settings, opens);
    }

    private static OpenCost measureOnce(RecoveryCostSettings settings, CrashedPool crashed) {
        long workBefore = workNanos();
        long started = System.nanoTime();
        Pool pool = crashed.open();
        long opened = System.nanoTime();
        try (pool) {
            long handle = pool.allocate(settings.blockBytes());
            long allocated = System.nanoTime();
            long workAfter = workNanos();
            pool.free(handle);
            AtomicLong bytes = new AtomicLong();
            long walkStarted = System.nanoTime();
            long walked = walk(pool, bytes);
            long walkDone = System.nanoTime();
            RecoveryReport report = pool.recovery();
            require(report.state() == RecoveryReport.State.CRASHED, "state", "CRASHED", report.state());
            require(report.liveBlocks() == settings.blocks(), "live blocks", settings.blocks(), report.liveBlocks());
            require(walked == settings.blocks(), "walked blocks", settings.blocks(), walked);
            crashed.crashAfterClose(pool);
            return new OpenCost(
                    (workAfter - workBefore) / NANOS_PER_MILLI,
                    (opened - started) / NANOS_PER_MILLI,
                    report.logMillis(),
                    report.rebuildMillis(),
                    (allocated - opened) / NANOS_PER_MILLI,
                    (walkDone - walkStarted) / NANOS_PER_MILLI);
        }
    }

    // Of all threads of the program: a rebuild may be divided among several.
    private static long workNanos() {
        long sum = 0;
        for (long thread : THREADS.getAllThreadIds()) {
            sum += Math.max(0, THREADS.getThreadCpuTime(thread));
        }
        return sum;
    }

    private static long walk(Pool pool, AtomicLong bytes) {
        long[] blocks = {0};
        pool.forEachBlock((handle, usableBytes) -> {
            blocks[0]++;
            bytes.setPlain(bytes.getPlain() + usableBytes);
        });
        return blocks[0];
    }

    private static void require(boolean holds, String what, Object expected, Object found) {
        if (!holds) {
            throw new IllegalStateException(
                    "the open is not the one to be measured: " + what + " expected=" + expected + " found=" + found);
        }
    }

    /** Prints a table of results with a line on the machine. */
    public static void print(List<RecoveryCostResult> results, PrintStream out) {
        out.println(machine());
        RecoveryCostSettings first = results.getFirst().settings();
        out.printf(
                Locale.ROOT,
                "%,d live blocks of %d bytes, free-every=%d, pool of %s, preallocate=%s, dir=%s, %d warm opens%n",
                first.blocks(),
                first.blockBytes(),
                first.freeEvery(),
                Size.format(first.capacityBytes()),
                first.preallocate(),
                first.directory(),
                first.rounds());
        out.printf(
                "%-11s %-7s %9s %9s %9s %9s %9s %9s %9s %9s%n",
                "policy", "ms", "work", "ready", "open", "log", "rebuild", "other", "allocate", "walk");
        for (RecoveryCostResult result : results) {
            row(out, result, "median", result.median());
            row(out, result, "best", result.best());
        }
    }

    private static void row(PrintStream out, RecoveryCostResult result, String kind, OpenCost cost) {
        out.printf(
                Locale.ROOT,
                "%-11s %-7s %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f%n",
                result.settings().policy(),
                kind,
                cost.workMillis(),
                cost.readyMillis(),
                cost.openMillis(),
                cost.logMillis(),
                cost.rebuildMillis(),
                cost.otherMillis(),
                cost.firstAllocationMillis(),
                cost.walkMillis());
    }

    private static String machine() {
        return "JDK " + Runtime.version() + ", " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors, "
                + System.getProperty("os.name") + " " + System.getProperty("os.version");
    }
}
