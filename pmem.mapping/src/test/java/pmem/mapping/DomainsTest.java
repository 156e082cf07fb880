package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.DurabilityDomain;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;

class DomainsTest {
    private static final Path PATH = Path.of("some.pool");
    private static final Medium DISK = medium(Medium.Kind.PAGE_CACHE, PersistenceDomain.UNKNOWN);
    private static final Medium MEMORY = medium(Medium.Kind.MEMORY, PersistenceDomain.UNKNOWN);
    private static final Medium DAX = medium(Medium.Kind.FSDAX, PersistenceDomain.UNKNOWN);

    private static Medium medium(Medium.Kind kind, PersistenceDomain domain) {
        return new Medium(kind, new DeviceMemory(domain, OptionalInt.empty()));
    }

    private static DurabilityDomain chosen(Medium medium) {
        return Domains.choose(medium, Optional.empty(), PATH).durability().domain();
    }

    @Test
    void the_strongest_domain_comes_first_and_is_the_default() {
        assertThat(DAX.domains())
                .containsExactly(
                        DurabilityDomain.SYNCHRONOUS_DAX,
                        DurabilityDomain.PERSISTENT_CACHES,
                        DurabilityDomain.PAGE_CACHE_POWER_FAIL_SAFE,
                        DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE,
                        DurabilityDomain.FORCED_CACHE_LINE);
        assertThat(chosen(DAX)).isEqualTo(DurabilityDomain.SYNCHRONOUS_DAX);
        assertThat(chosen(DISK)).isEqualTo(DurabilityDomain.PAGE_CACHE_POWER_FAIL_SAFE);
    }

    @Test
    void caches_that_the_platform_calls_persistent_are_taken_for_it_and_others_are_not() {
        assertThat(chosen(medium(Medium.Kind.FSDAX, PersistenceDomain.CPU_CACHE)))
                .isEqualTo(DurabilityDomain.PERSISTENT_CACHES);
        assertThat(Domains.choose(medium(Medium.Kind.DEVDAX, PersistenceDomain.CPU_CACHE), Optional.empty(), PATH)
                        .durability()
                        .notes())
                .isEmpty();
        Medium controller = medium(Medium.Kind.DEVDAX, PersistenceDomain.MEMORY_CONTROLLER);
        assertThat(chosen(controller)).isEqualTo(DurabilityDomain.SYNCHRONOUS_DAX);
        assertThatThrownBy(() -> Domains.choose(controller, Optional.of(DurabilityDomain.PERSISTENT_CACHES), PATH))
                .isInstanceOf(PoolOpenException.class)
                .hasMessageContaining("the platform says that its caches do not survive");
        assertThat(Domains.choose(DAX, Optional.of(DurabilityDomain.PERSISTENT_CACHES), PATH)
                        .durability()
                        .notes())
                .containsExactly("that the platform's caches survive a power cut is taken on the caller's word");
    }

    @Test
    void a_device_has_no_page_cache_and_no_msync_to_fall_back_to() {
        Medium device = medium(Medium.Kind.DEVDAX, PersistenceDomain.UNKNOWN);
        assertThat(device.domains()).doesNotContain(DurabilityDomain.PAGE_CACHE_POWER_FAIL_SAFE);
        CacheLines.Availability none = CacheLines.Availability.none("the host refuses");
        assertThat(Mechanism.of(DurabilityDomain.SYNCHRONOUS_DAX, Medium.Kind.DEVDAX, List.of(), none))
                .isEmpty();
        assertThatThrownBy(() -> Domains.choose(device, Optional.of(DurabilityDomain.PAGE_CACHE_POWER_FAIL_SAFE), PATH))
                .isInstanceOf(PoolOpenException.class)
                .hasMessageContaining("has no page cache");
    }

    @Test
    void a_file_system_in_memory_promises_no_more_than_it_keeps() {
        Mechanism mechanism = Domains.choose(MEMORY, Optional.empty(), PATH);
        assertThat(mechanism.durability().domain()).isEqualTo(DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE);
        assertThat(mechanism.durability().notes()).containsExactly("the file system keeps its files in memory only");
    }

    @Test
    void a_domain_that_is_not_there_is_refused_with_the_remedy() {
        for (DurabilityDomain domain : List.of(DurabilityDomain.SYNCHRONOUS_DAX, DurabilityDomain.PERSISTENT_CACHES)) {
            assertThatThrownBy(() -> Domains.choose(DISK, Optional.of(domain), PATH))
                    .isInstanceOfSatisfying(
                            PoolOpenException.class,
                            failure -> assertThat(failure.reason()).isEqualTo(Reason.DURABILITY_UNAVAILABLE))
                    .hasMessageContaining("asked=" + domain.id())
                    .hasMessageContaining("pool=some.pool")
                    .hasMessageContaining("-o dax");
        }
        assertThatThrownBy(() -> Domains.choose(MEMORY, Optional.of(DurabilityDomain.PAGE_CACHE_POWER_FAIL_SAFE), PATH))
                .isInstanceOf(PoolOpenException.class)
                .hasMessageContaining("put the pool on a disk");
    }

    @Test
    void without_machine_code_pages_are_flushed_and_the_report_says_why() {
        Mechanism mechanism = Mechanism.of(
                        DurabilityDomain.FORCED_CACHE_LINE,
                        Medium.Kind.MEMORY,
                        List.of(),
                        CacheLines.Availability.none("the host refuses"))
                .orElseThrow();
        assertThat(mechanism.kind()).isEqualTo(Mechanism.PAGES);
        assertThat(mechanism.durability().writeBack()).isEqualTo("msync");
        assertThat(mechanism.durability().toString()).contains("pages are flushed by msync instead: the host refuses");
    }

    @Test
    void persistent_caches_need_a_fence_only() {
        Mechanism mechanism = Mechanism.of(
                        DurabilityDomain.PERSISTENT_CACHES,
                        Medium.Kind.FSDAX,
                        List.of(),
                        CacheLines.Availability.none("not needed"))
                .orElseThrow();
        assertThat(mechanism.kind()).isEqualTo(Mechanism.STORE_FENCE);
        assertThat(mechanism.durability().writeBack()).isEqualTo("none");
    }

    @Test
    void a_path_tells_its_domains_before_there_is_a_file(@TempDir Path directory) {
        Set<DurabilityDomain> domains = new MappingProvider().domains(directory.resolve("new.pool"));
        assertThat(domains)
                .contains(DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE, DurabilityDomain.FORCED_CACHE_LINE)
                .isEqualTo(new MappingProvider().domains(directory));
        assertThat(directory).isEmptyDirectory();
        assertThat(new MappingProvider().domains(directory.resolve("no/such/directory")))
                .isEmpty();
        assertThat(new MappingProvider().domains(Path.of("/dev/null"))).isEmpty();
    }
}
