package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SysfsTest {
    @TempDir
    private Path root;

    private FakeSysfs fake;

    @BeforeEach
    void make_a_likeness() {
        fake = new FakeSysfs(root);
    }

    private static void region(Path region, String domain, int node) {
        FakeSysfs.write(region.resolve("persistence_domain"), domain);
        FakeSysfs.write(region.resolve("numa_node"), Integer.toString(node));
    }

    @Test
    void a_dax_device_tells_size_alignment_domain_and_node() {
        region(fake.daxDevice("253:0", 534_773_760, "2097152"), "memory_controller", 1);
        assertThat(fake.sysfs().daxDevice(253, 0))
                .contains(new DaxDevice(
                        534_773_760,
                        2 << 20,
                        new DeviceMemory(PersistenceDomain.MEMORY_CONTROLLER, OptionalInt.of(1))));
    }

    @Test
    void what_older_kernels_write_in_hexadecimal_is_read_too() {
        fake.daxDevice("253:0", 1L << 30, "0x200000");
        assertThat(fake.sysfs().daxDevice(253, 0).orElseThrow().alignmentBytes())
                .isEqualTo(2 << 20);
    }

    @Test
    void a_device_of_another_kind_is_never_taken_for_dax() {
        fake.otherDevice("1:5");
        assertThat(fake.sysfs().daxDevice(1, 5)).isEmpty();
        assertThat(fake.sysfs().daxDevice(9, 9)).isEmpty();
    }

    @Test
    void figures_that_are_no_numbers_make_no_device() {
        fake.daxDevice("253:0", 1L << 30, "two");
        assertThat(fake.sysfs().daxDevice(253, 0)).isEmpty();
    }

    @Test
    void domains_are_those_the_kernel_names_and_all_else_is_unknown() {
        for (PersistenceDomain domain : PersistenceDomain.values()) {
            assertThat(PersistenceDomain.ofId(domain.id())).isEqualTo(domain);
        }
        assertThat(PersistenceDomain.ofId("something new")).isEqualTo(PersistenceDomain.UNKNOWN);
        region(fake.blockDevice("259:1", "region0"), "cpu_cache", -1);
        assertThat(fake.sysfs().blockDevice(259, 1))
                .isEqualTo(new DeviceMemory(PersistenceDomain.CPU_CACHE, OptionalInt.empty()));
        fake.blockDevice("259:2", "region2");
        assertThat(fake.sysfs().blockDevice(259, 2)).isEqualTo(DeviceMemory.UNKNOWN);
        assertThat(fake.sysfs().blockDevice(0, 42)).isEqualTo(DeviceMemory.UNKNOWN);
    }

    @Test
    void a_device_made_of_others_promises_what_all_of_them_do() {
        region(fake.blockDevice("259:1", "region1"), "cpu_cache", 0);
        region(fake.blockDevice("259:2", "region2"), "memory_controller", 0);
        region(fake.blockDevice("259:3", "region3"), "cpu_cache", 1);
        fake.stackedDevice("252:0", "259:1", "259:2");
        fake.stackedDevice("252:1", "259:1", "259:3");
        assertThat(fake.sysfs().blockDevice(252, 0))
                .isEqualTo(new DeviceMemory(PersistenceDomain.MEMORY_CONTROLLER, OptionalInt.of(0)));
        assertThat(fake.sysfs().blockDevice(252, 1))
                .isEqualTo(new DeviceMemory(PersistenceDomain.CPU_CACHE, OptionalInt.empty()));
    }

    @Test
    void nodes_are_listed_in_order() {
        for (int node : new int[] {10, 0, 2}) {
            FakeSysfs.write(root.resolve("devices/system/node/node" + node + "/meminfo"), "");
        }
        FakeSysfs.write(root.resolve("devices/system/node/possible"), "0-2");
        assertThat(fake.sysfs().nodes()).containsExactly(0, 2, 10);
    }

    @Test
    void processors_belong_to_the_node_that_lists_them() {
        FakeSysfs.write(root.resolve("devices/system/node/node0/cpulist"), "0-2,8");
        FakeSysfs.write(root.resolve("devices/system/node/node2/cpulist"), "4\n");
        FakeSysfs.write(root.resolve("devices/system/node/node3/cpulist"), "");
        Topology topology = new Topology(fake.sysfs());
        int[] expected = {0, 0, 0, -1, 2, -1, -1, -1, 0, -1};
        for (int processor = 0; processor < expected.length; processor++) {
            assertThat(topology.nodeOf(processor)).as("processor %d", processor).isEqualTo(expected[processor]);
        }
        assertThat(topology.nodeOf(-1)).isNegative();
        assertThat(new Topology(new FakeSysfs(root.resolve("none")).sysfs()).nodeOf(0))
                .isNegative();
    }

    @Test
    void a_list_of_processors_that_is_none_names_none() {
        assertThat(Topology.numbers("0-x")).isEmpty();
        assertThat(Topology.numbers("3,5-6")).containsExactly(3, 5, 6);
    }

    @Test
    void this_thread_is_on_a_node_of_this_machine_or_on_none_that_is_known() {
        assertThat(Topology.SYSTEM.nodeOfThread())
                .satisfiesAnyOf(
                        node -> assertThat(node).isNegative(),
                        node -> assertThat(Sysfs.SYSTEM.nodes()).contains(node));
    }
}
