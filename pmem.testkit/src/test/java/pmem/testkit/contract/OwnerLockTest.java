package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.spi.RegionOptions;
import pmem.spi.RegionProvider;
import pmem.testkit.region.ForwardingRegion;

/**
 * The biased lock in the memory order of the machine; {@code SegregatedRacesTest} has it in every order of its steps, where a
 * store is seen at once.
 */
@Isolated("two threads that never rest need two processors")
class OwnerLockTest {
    private static final int TRIALS = Integer.getInteger("pmem.litmus", 10);
    private static final int ROUNDS = 50;
    private static final int REGION_BYTES = 4096;

    private final long[] far = OwnerLockLitmus.farLines();

    /** Makes other threads pass a fence, or only says so. */
    private static final class FencingRegion extends ForwardingRegion {
        private final BooleanSupplier fence;

        FencingRegion(Region region, BooleanSupplier fence) {
            super(region);
            this.fence = fence;
        }

        @Override
        public boolean fenceOthers() {
            return fence.getAsBoolean();
        }
    }

    @Test
    void the_owner_and_one_who_wants_in_are_never_inside_at_once() throws Exception {
        try (Region mapped = Providers.only(RegionProvider.class).anonymous(REGION_BYTES, RegionOptions.defaults())) {
            if (!mapped.fenceOthers()) {
                System.out.println("not run: litmus of the biased lock, the system has no membarrier(2)");
                return;
            }
            Region withFence = new FencingRegion(mapped, mapped::fenceOthers);
            Region withoutFence = new FencingRegion(mapped, () -> true);
            int telling = 0;
            for (int trial = 0; trial < TRIALS; trial++) {
                // The control: where it does not break without the fence now and then, no trial shows anything.
                telling += OwnerLockLitmus.breaks(withoutFence, ROUNDS, far) ? 1 : 0;
                assertThat(OwnerLockLitmus.breaks(withFence, ROUNDS, far))
                        .as("both were inside at once")
                        .isFalse();
            }
            if (telling == 0) {
                System.out.println(
                        "not run: litmus of the biased lock, which did not break without the process fence either in "
                                + TRIALS + " times " + ROUNDS + " rounds; processors="
                                + Runtime.getRuntime().availableProcessors());
            }
        }
    }
}
