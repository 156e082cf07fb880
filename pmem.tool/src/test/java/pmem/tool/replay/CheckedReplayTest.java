package pmem.tool.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import pmem.api.BlockVisitor;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;
import pmem.testkit.property.ForwardingPool;
import pmem.tool.trace.Trace;
import pmem.tool.trace.TraceFiles;

/** Every fault the replay looks for is planted once. */
class CheckedReplayTest {
    private static final Trace TRACE =
            TraceFiles.of("a 0 100 1", "a 1 200 1", "a 2 300 1", "r 0 5000 1", "r 1 20 1", "f 2 1", "a 3 40 1");

    private static CheckedReplay.Findings replayed(UnaryOperator<Pool> fault) {
        PoolOptions options = PoolOptions.createNew(Size.mib(8)).policy("buddy").countPersists(true);
        try (Pool pool = Pool.openVolatile(options)) {
            return CheckedReplay.run(TRACE, fault.apply(pool));
        }
    }

    @Test
    void finds_nothing_on_a_sound_pool() {
        CheckedReplay.Findings findings = replayed(pool -> pool);

        assertThat(findings.leakedBlocks()).isZero();
        assertThat(findings.lostBlocks()).isZero();
        assertThat(findings.contentErrors()).isZero();
        assertThat(findings.peakUsedBytes()).isGreaterThan(5000);
        assertThat(findings.lines()).isPositive();
    }

    @Test
    void finds_a_block_that_was_not_freed() {
        assertThat(replayed(pool -> new ForwardingPool(pool) {
                            @Override
                            public void free(long handle) {
                                // Forgotten.
                            }
                        })
                        .leakedBlocks())
                .isPositive();
    }

    @Test
    void finds_a_block_that_is_missing_in_the_walk() {
        CheckedReplay.Findings findings = replayed(pool -> new ForwardingPool(pool) {
            @Override
            public void forEachBlock(BlockVisitor visitor) {
                boolean[] skipped = {false};
                pool.forEachBlock((handle, usableBytes) -> {
                    if (skipped[0]) {
                        visitor.visit(handle, usableBytes);
                    }
                    skipped[0] = true;
                });
            }
        });

        assertThat(findings.lostBlocks()).isEqualTo(1);
        assertThat(findings.leakedBlocks()).isZero();
    }

    @Test
    void finds_blocks_that_share_bytes() {
        MemorySegment shared = MemorySegment.ofArray(new byte[8192]);

        assertThat(replayed(pool -> new ForwardingPool(pool) {
                            @Override
                            public MemorySegment segment(long handle) {
                                return shared;
                            }
                        })
                        .contentErrors())
                .isPositive();
    }

    @Test
    void finds_a_resize_in_place_that_gave_no_room() {
        assertThat(replayed(pool -> new ForwardingPool(pool) {
                            @Override
                            public boolean reallocate(long handle, long bytes) {
                                return true;
                            }
                        })
                        .contentErrors())
                .isPositive();
    }
}
