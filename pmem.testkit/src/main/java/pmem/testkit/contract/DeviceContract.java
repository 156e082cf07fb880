package pmem.testkit.contract;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/**
 * The part of the {@link PoolContract} that depends on what a pool lies on, for places where the whole would take hours. Tests with
 * the tag {@code files} are about files; on a device, which {@code -Dpmem.device} names, leave them out.
 */
public class DeviceContract {
    /** For JUnit. */
    public DeviceContract() {}

    @BeforeAll
    static void sayWhichDomainsThereAre() {
        System.out.println(PoolDirectories.describe());
    }

    @Nested
    class OpenTheme extends OpenContract {}

    @Nested
    class ReopenTheme extends ReopenContract {}

    @Nested
    class CloseTheme extends CloseContract {}

    @Nested
    class FixedSizeTheme extends FixedSizeContract {}

    @Nested
    @Tag(ContractTest.FILES)
    class GrowTheme extends GrowContract {}

    @Nested
    @Tag(ContractTest.FILES)
    class ShrinkTheme extends ShrinkContract {}
}
