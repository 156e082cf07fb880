package pmem.bench.open;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import pmem.api.MemoryPlacement;
import pmem.api.Size;

class PlacementCostTest {
    @Test
    void opening_touching_and_loading_are_timed_on_the_placement_asked_for() {
        AtomicLong prefaulted = new AtomicLong();
        MemoryPlacement placement = MemoryPlacement.anywhere().prefault(1, prefaulted::set);
        PlacementCost cost = PlacementCost.measure("buddy", Size.mib(16), placement);
        assertThat(prefaulted).hasValue(Size.mib(16));
        assertThat(cost.openMillis()).isPositive();
        assertThat(cost.firstTouchNanos()).isPositive();
        assertThat(cost.randomLoadNanos()).isPositive();
    }
}
