package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.TransactionException;
import pmem.spi.HeapRegion;
import pmem.spi.PolicyProvider;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.testkit.region.ForwardingRegion;

/** A batch that frees a block which a running transaction has named: refused, without anybody having seen the block as free. */
class RefusedBatchTest {
    private static final long CAPACITY_BYTES = 1 << 20;

    /** Looks at something whenever states have been cleared and claims are looked for. */
    private static final class Looking extends ForwardingRegion {
        private final List<Boolean> seen = new ArrayList<>();
        private BooleanSupplier look = () -> true;

        Looking() {
            super(new HeapRegion(CAPACITY_BYTES));
        }

        @Override
        public void step(String place) {
            if (place.equals("free.look-for-claims")) {
                seen.add(look.getAsBoolean());
            }
        }
    }

    static List<String> policies() {
        return Providers.policies().stream().map(PolicyProvider::id).toList();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_block_that_a_transaction_has_named_stays_live_while_a_batch_frees_its_neighbours(String policy) {
        Looking region = new Looking();
        try (Pool pool = Providers.only(PoolProvider.class)
                .openOn(region, PoolOptions.create(CAPACITY_BYTES).policy(policy))) {
            long[] blocks = pool.allocateAll(64, 64, 64, 64);
            long named = blocks[2];
            region.look = () -> pool.isLive(named);
            pool.transaction(tx -> {
                tx.set(named, 0, 1);
                CompletableFuture.runAsync(() ->
                                assertThatThrownBy(() -> pool.freeAll(blocks)).isInstanceOf(TransactionException.class))
                        .join();
                tx.set(named, 8, 2);
            });
            assertThat(region.seen).isNotEmpty().doesNotContain(false);
            assertThat(List.of(
                            pool.isLive(blocks[0]), pool.isLive(blocks[1]), pool.isLive(named), pool.isLive(blocks[3])))
                    .containsExactly(false, false, true, true);
            pool.freeAll(named, blocks[3]);
            assertThat(pool.stats().liveBlocks()).isZero();
        }
    }
}
