package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.spi.RegionOptions;

/**
 * Devices that the system calls persistent memory and that are not: {@code /dev/zero} (1:5) can be mapped, but not
 * synchronously. Real ones are tried in a virtual machine, see docs/testing.md.
 */
class DeviceTest {
    private static final Path DEVICE = Path.of("/dev/zero");
    private static final long MIB = 1 << 20;

    @TempDir
    private Path root;

    private FakeSysfs fake;
    private MappingProvider provider;

    @BeforeEach
    void make_a_likeness() {
        fake = new FakeSysfs(root);
        provider = new MappingProvider(fake.sysfs());
    }

    private static void assertRefused(Reason reason, ThrowingCallable call, String... facts) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PoolOpenException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(reason))
                .hasMessageContaining("pool=" + DEVICE)
                .hasMessageContainingAll(facts);
    }

    @Test
    void what_refuses_a_synchronous_mapping_is_not_dax_whatever_the_system_says() {
        fake.daxDevice("1:5", 4 * MIB, "2097152");
        assertThat(provider.isDevice(DEVICE)).isTrue();
        assertThat(provider.domains(DEVICE)).isEmpty();
        for (ThrowingCallable call : new ThrowingCallable[] {
            () -> provider.open(DEVICE, RegionOptions.defaults()),
            () -> provider.view(DEVICE),
            () -> provider.create(DEVICE, 2 * MIB, RegionOptions.defaults())
        }) {
            assertRefused(Reason.NOT_A_FILE, call, "MAP_SYNC", "/dev/daxX.Y");
        }
    }

    @Test
    void a_device_the_system_does_not_call_dax_is_none() {
        fake.otherDevice("1:5");
        assertThat(provider.isDevice(DEVICE)).isFalse();
        assertRefused(
                Reason.NOT_A_FILE,
                () -> provider.open(DEVICE, RegionOptions.defaults()),
                "found=character-device",
                "does not know it as a DAX device");
    }

    @Test
    void a_device_whose_figures_cannot_be_right_is_refused() {
        fake.daxDevice("1:5", 4 * MIB, "3000000");
        assertRefused(
                Reason.NOT_A_FILE,
                () -> provider.open(DEVICE, RegionOptions.defaults()),
                "alignmentBytes=3000000",
                "--align=2M");
    }

    @Test
    void a_device_smaller_than_one_unit_is_refused() {
        fake.daxDevice("1:5", MIB, "2097152");
        assertRefused(Reason.NOT_A_FILE, () -> provider.open(DEVICE, RegionOptions.defaults()), "sizeBytes=" + MIB);
    }

    @Test
    void a_pool_larger_than_the_device_is_refused_before_anything_is_mapped() {
        fake.daxDevice("1:5", 5 * MIB, "2097152");
        assertRefused(
                Reason.NO_SPACE,
                () -> provider.create(DEVICE, 5 * MIB, RegionOptions.defaults()),
                "neededBytes=" + 6 * MIB,
                "availableBytes=" + 4 * MIB);
    }

    @Test
    void lengths_are_multiples_of_the_devices_unit_and_of_a_huge_page() {
        DaxDevice small = new DaxDevice(10 * MIB, 4096, DeviceMemory.UNKNOWN);
        assertThat(small.granularityBytes()).isEqualTo(2 * MIB);
        assertThat(small.usableBytes()).isEqualTo(10 * MIB);
        DaxDevice large = new DaxDevice(3 << 30, 1 << 30, DeviceMemory.UNKNOWN);
        assertThat(large.granularityBytes()).isEqualTo(1 << 30);
        assertThat(DeviceFile.requireRoom(new DaxDevice(9 * MIB, 2 * MIB, DeviceMemory.UNKNOWN), 3 * MIB, DEVICE))
                .isEqualTo(4 * MIB);
    }
}
