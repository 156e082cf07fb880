package pmem.tool.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.DurabilityDomain;
import pmem.api.Size;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;
import pmem.spi.RegionProvider;
import pmem.tool.common.Streams;
import pmem.tool.trace.TraceFiles;

/**
 * Kills real processes: every policy, on tmpfs and on a disk file system, in both page-cache domains where the file system offers
 * them. Thousands of kills by {@code mvn test -pl pmem.tool -am -Dtest=KillCampaignTest -Dpmem.kills=1000}.
 */
class KillCampaignTest {
    private static final int KILLS = Integer.getInteger("pmem.kills", 3);
    private static final int SEED = Integer.getInteger("pmem.seed", 1);
    private static final int THREADS = 2;
    private static final int OBJECTS = 40;
    private static final int MOVES = 6;
    private static final long CAPACITY_BYTES = Size.mib(16);
    private static final List<DurabilityDomain> PAGE_CACHE_DOMAINS =
            List.of(DurabilityDomain.PAGE_CACHE_POWER_FAIL_SAFE, DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE);
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final String TMPFS = "tmpfs";

    @TempDir
    private Path directory;

    private record Cell(String policy, Path parent, String fileSystem, DurabilityDomain domain) {
        /** Other kill times in each cell; the same ones in each run. */
        long seed() {
            return 31L * SEED + (policy + fileSystem + domain.id()).hashCode();
        }

        @Override
        public String toString() {
            return policy + " on " + fileSystem + " (" + parent + "), " + domain.id();
        }
    }

    @TestFactory
    List<DynamicTest> nothing_acknowledged_is_lost_and_nothing_leaks() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path parent : parents()) {
            for (DurabilityDomain domain : PAGE_CACHE_DOMAINS) {
                addCells(tests, parent, domain);
            }
        }
        return tests;
    }

    private void addCells(List<DynamicTest> tests, Path parent, DurabilityDomain domain) throws IOException {
        String fileSystem = Files.getFileStore(parent).type();
        if (!Providers.only(RegionProvider.class)
                .domains(parent.resolve("kills.pool"))
                .contains(domain)) {
            System.out.println("not run: " + domain.id() + " on " + fileSystem + " (" + parent
                    + "), which the file system does not offer");
            return;
        }
        for (PolicyProvider policy : Providers.policies()) {
            Cell cell = new Cell(policy.id(), parent, fileSystem, domain);
            tests.add(DynamicTest.dynamicTest(cell + ", kills=" + KILLS, () -> killAndCheck(cell)));
        }
    }

    @Test
    void there_is_a_file_system_to_kill_on() throws IOException {
        Set<String> fileSystems = new LinkedHashSet<>();
        for (Path parent : parents()) {
            fileSystems.add(Files.getFileStore(parent).type());
        }

        assertThat(fileSystems).isNotEmpty();
        if (!fileSystems.contains(TMPFS)) {
            System.out.println("not run: tmpfs, expected at " + SHARED_MEMORY);
        }
        if (fileSystems.size() == 1 && fileSystems.contains(TMPFS)) {
            System.out.println("not run: a disk file system, expected at java.io.tmpdir or the working directory");
        }
    }

    /** One writable directory on tmpfs and one on another file system, as far as they exist. */
    private static List<Path> parents() throws IOException {
        Optional<Path> memory = Optional.empty();
        Optional<Path> disk = Optional.empty();
        for (Path path : List.of(SHARED_MEMORY, Path.of(System.getProperty("java.io.tmpdir")), Path.of("target"))) {
            if (Files.isDirectory(path) && Files.isWritable(path)) {
                boolean inMemory = Files.getFileStore(path).type().equals(TMPFS);
                memory = inMemory ? memory.or(() -> Optional.of(path)) : memory;
                disk = inMemory ? disk : disk.or(() -> Optional.of(path));
            }
        }
        List<Path> parents = new ArrayList<>();
        memory.ifPresent(parents::add);
        disk.ifPresent(parents::add);
        return parents;
    }

    private void killAndCheck(Cell cell) throws IOException {
        Path pools = Files.createTempDirectory(cell.parent().toAbsolutePath(), "pmem-kills-");
        try {
            DemoTally tally = kill(cell, pools.resolve("kills.pool"));
            String command = "repeat with: mvn test -pl pmem.tool -am -Dtest=KillCampaignTest -Dpmem.kills=" + KILLS
                    + " -Dpmem.seed=" + SEED;
            System.out.println(cell + ": kills=" + tally.kills() + " ofThemWhileOpening=" + tally.killsBeforeReport()
                    + " acknowledged=" + tally.acknowledged() + " inFlightDone=" + tally.done() + " inFlightUndone="
                    + tally.undone() + " " + tally.faultText() + "; " + command);
            assertThat(tally.details())
                    .as("%s: %s; %s", cell, tally.faultText(), command)
                    .isEmpty();
            assertThat(tally.faults()).as("%s", tally.faultText()).isZero();
            assertThat(tally.faultText()).startsWith("lost=0 leaked=0 overlaps=0 ");
            assertThat(tally.kills()).isEqualTo(KILLS);
            assertThat(tally.acknowledged()).isPositive();
            assertThat(tally.undecided()).isPositive();
        } finally {
            delete(pools);
        }
    }

    private DemoTally kill(Cell cell, Path pool) throws IOException {
        Path trace = TraceFiles.write(directory, "moves.trace", moves());
        DemoSettings settings = new DemoSettings(
                pool, cell.policy(), CAPACITY_BYTES, cell.domain(), cell.seed(), THREADS, Optional.of(trace));
        ReplayPlan plan = ReplayPlan.fold(settings.readTrace(), THREADS);
        try (DemoProgress progress = new DemoProgress(Streams.ofProcess(), false, cell.policy(), KILLS)) {
            return new DemoRun(settings, plan, KILLS, pool.resolveSibling("child.err"), progress).run();
        }
    }

    /** Mostly moves, which are logged commits, so that most kills find one under way. */
    private static String[] moves() {
        List<String> lines = new ArrayList<>();
        for (int object = 0; object < OBJECTS; object++) {
            lines.add("a " + object + " " + (16 + 37 * object) + " 1");
        }
        for (int move = 1; move <= MOVES; move++) {
            for (int object = 0; object < OBJECTS; object++) {
                lines.add("r " + object + " " + (24 + (move * 911 + 53 * object) % 6000) + " 1");
            }
        }
        return lines.toArray(String[]::new);
    }

    private static void delete(Path pools) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(pools)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(pools);
    }
}
