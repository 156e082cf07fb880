package pmem.testkit.property;

import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Which steps sequences are made of, and how often each kind is among them. */
final class ActionArbitraries {
    private static final int PICK_MAX = 40;
    /** One allocation in so many is of a block that is to be zero. */
    private static final int ZEROED_SHARE = 5;

    private static final long LARGEST_ALIGNMENT = 65_536;

    private ActionArbitraries() {}

    /** Steps of all kinds. */
    static Arbitrary<Action> actions() {
        Arbitrary<Integer> picks = picks();
        Arbitrary<Long> sizes = sizes();
        return Arbitraries.frequencyOf(
                Tuple.of(20, sizes.map(ActionArbitraries::allocation)),
                Tuple.of(4, Combinators.combine(sizes, alignments()).as(Action.Allocate::new)),
                Tuple.of(14, picks.map(Action.Free::new)),
                Tuple.of(2, picks.map(Action.FreeAgain::new)),
                Tuple.of(5, Combinators.combine(picks, sizes).as(Action.Reallocate::new)),
                Tuple.of(5, sizes.map(Action.Reserve::new)),
                Tuple.of(4, picks.map(Action.Publish::new)),
                Tuple.of(2, picks.map(Action.Cancel::new)),
                Tuple.of(3, sizes.list().ofMaxSize(8).map(Action.AllocateAll::new)),
                Tuple.of(3, picks.list().ofMaxSize(8).map(Action.FreeAll::new)),
                Tuple.of(4, transactions()),
                Tuple.of(2, Combinators.combine(names(), picks).as(Action.SetRoot::new)),
                Tuple.of(1, names().map(Action.RemoveRoot::new)),
                Tuple.of(1, Arbitraries.longs().between(2000, 200_000).map(Action.FillDrainFill::new)),
                Tuple.of(2, sizes.list().ofMinSize(1).ofMaxSize(4).map(Action.AllocateAndFree::new)),
                Tuple.of(1, Arbitraries.just(new Action.Reopen())),
                Tuple.of(1, Arbitraries.just(new Action.CrashReopen())));
    }

    // By the size, so that seeds lead to the sequences they led to before.
    private static Action allocation(long bytes) {
        return bytes % ZEROED_SHARE == 0 ? new Action.AllocateZeroed(bytes) : new Action.Allocate(bytes, 1);
    }

    private static Arbitrary<Action> transactions() {
        Arbitrary<Action.Change> changes = Arbitraries.frequencyOf(
                Tuple.of(4, sizes().map(Action.AllocateIn::new)),
                Tuple.of(3, picks().map(Action.FreeIn::new)),
                Tuple.of(1, sizes().map(Action.CancelIn::new)),
                Tuple.of(3, Combinators.combine(picks(), Arbitraries.longs()).as(Action.SetIn::new)));
        return Combinators.combine(changes.list().ofMaxSize(6), Arbitraries.of(false, false, true))
                .as(Action.Transact::new);
    }

    // Many small, some of every magnitude; the largest are a good part of the pool, so that it gets full.
    private static Arbitrary<Long> sizes() {
        return Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.longs().between(1, 300)),
                Tuple.of(4, Arbitraries.longs().between(1, 5000)),
                Tuple.of(2, Arbitraries.longs().between(1, 70_000)),
                Tuple.of(1, Arbitraries.longs().between(1, 1_500_000)));
    }

    private static Arbitrary<Long> alignments() {
        List<Long> powers = LongStream.iterate(1, power -> power <= LARGEST_ALIGNMENT, power -> power * 2)
                .boxed()
                .toList();
        return Arbitraries.of(powers);
    }

    private static Arbitrary<Integer> picks() {
        return Arbitraries.integers().between(0, PICK_MAX);
    }

    private static Arbitrary<String> names() {
        return Arbitraries.of("a", "b", "c");
    }
}
