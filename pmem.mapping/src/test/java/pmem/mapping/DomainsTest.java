package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.DurabilityDomain;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;

class DomainsTest {
    private static final Path PATH = Path.of("some.pool");

    @Test
    void the_strongest_domain_comes_first_and_is_the_default() {
        Set<DurabilityDomain> dax = Domains.of(true, false);
        assertThat(dax)
                .containsExactly(
                        DurabilityDomain.SYNCHRONOUS_DAX,
                        DurabilityDomain.PERSISTENT_CACHES,
                        DurabilityDomain.PAGE_CACHE_POWER_FAIL_SAFE,
                        DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE,
                        DurabilityDomain.FORCED_CACHE_LINE);
        assertThat(Domains.choose(dax, Optional.empty(), PATH).durability().domain())
                .isEqualTo(DurabilityDomain.SYNCHRONOUS_DAX);
        Set<DurabilityDomain> disk = Domains.of(false, false);
        assertThat(Domains.choose(disk, Optional.empty(), PATH).durability().domain())
                .isEqualTo(DurabilityDomain.PAGE_CACHE_POWER_FAIL_SAFE);
    }

    @Test
    void a_file_system_in_memory_promises_no_more_than_it_keeps() {
        Mechanism mechanism = Domains.choose(Domains.of(false, true), Optional.empty(), PATH);
        assertThat(mechanism.durability().domain()).isEqualTo(DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE);
        assertThat(mechanism.durability().notes()).containsExactly("the file system keeps its files in memory only");
    }

    @Test
    void a_domain_that_is_not_there_is_refused_with_the_remedy() {
        for (DurabilityDomain domain : List.of(DurabilityDomain.SYNCHRONOUS_DAX, DurabilityDomain.PERSISTENT_CACHES)) {
            assertThatThrownBy(() -> Domains.choose(Domains.of(false, false), Optional.of(domain), PATH))
                    .isInstanceOfSatisfying(
                            PoolOpenException.class,
                            failure -> assertThat(failure.reason()).isEqualTo(Reason.DURABILITY_UNAVAILABLE))
                    .hasMessageContaining("asked=" + domain.id())
                    .hasMessageContaining("pool=some.pool")
                    .hasMessageContaining("-o dax");
        }
        assertThatThrownBy(() -> Domains.choose(
                        Domains.of(false, true), Optional.of(DurabilityDomain.PAGE_CACHE_POWER_FAIL_SAFE), PATH))
                .isInstanceOf(PoolOpenException.class)
                .hasMessageContaining("put the pool on a disk");
    }

    @Test
    void without_machine_code_pages_are_flushed_and_the_report_says_why() {
        Mechanism mechanism = Mechanism.of(DurabilityDomain.FORCED_CACHE_LINE, List.of(), "the host refuses");
        assertThat(mechanism.kind()).isEqualTo(Mechanism.PAGES);
        assertThat(mechanism.durability().writeBack()).isEqualTo("msync");
        assertThat(mechanism.durability().toString()).contains("pages are flushed by msync instead: the host refuses");
    }

    @Test
    void persistent_caches_need_a_fence_only() {
        Mechanism mechanism = Mechanism.of(DurabilityDomain.PERSISTENT_CACHES, List.of(), "");
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
