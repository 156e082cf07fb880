package pmem.testkit.contract;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/**
 * The whole contract of {@link pmem.api.Pool}: extend it, and JUnit runs every theme over every policy on the module path, or the
 * one that {@link PolicyUnderTest} names, on every durability domain this machine offers.
 */
public abstract class PoolContract {
    /** For subclasses. */
    protected PoolContract() {}

    @BeforeAll
    static void sayWhichDomainsThereAre() {
        System.out.println(PoolDirectories.describe());
    }

    @Nested
    class OpenTheme extends OpenContract {}

    @Nested
    class AllocationTheme extends AllocationContract {}

    @Nested
    class ExhaustionTheme extends ExhaustionContract {}

    @Nested
    class HandleTheme extends HandleContract {}

    @Nested
    class PayloadTheme extends PayloadContract {}

    @Nested
    class ReallocationTheme extends ReallocationContract {}

    @Nested
    class ReservationTheme extends ReservationContract {}

    @Nested
    class ScopeTheme extends ScopeContract {}

    @Nested
    class BatchTheme extends BatchContract {}

    @Nested
    class TransactionTheme extends TransactionContract {}

    @Nested
    class ConflictTheme extends ConflictContract {}

    @Nested
    class LinkTheme extends LinkContract {}

    @Nested
    class GroupCommitTheme extends GroupCommitContract {}

    @Nested
    class RootTheme extends RootContract {}

    @Nested
    class ReopenTheme extends ReopenContract {}

    @Nested
    class CrashTheme extends CrashContract {}

    @Nested
    class GrowTheme extends GrowContract {}

    @Nested
    class FixedSizeTheme extends FixedSizeContract {}

    @Nested
    class ShrinkTheme extends ShrinkContract {}

    @Nested
    class TrimTheme extends TrimContract {}

    @Nested
    class SparseTheme extends SparseContract {}

    @Nested
    class MediaTheme extends MediaContract {}

    @Nested
    class StatisticsTheme extends StatisticsContract {}

    @Nested
    class ThreadTheme extends ThreadContract {}

    @Nested
    class AccessTheme extends AccessContract {}

    @Nested
    class NumaTheme extends NumaContract {}

    @Nested
    class CloseTheme extends CloseContract {}

    @Nested
    class PersistBudgetTheme extends PersistBudgetContract {}

    @Nested
    class AuditTheme extends AuditContract {}

    @Nested
    class MaintenanceTheme extends MaintenanceContract {}
}
