package pmem.testkit.property;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Shrinkable;

/**
 * A sequence of actions that knows its smaller versions: with steps left out, most of them first, and with one step made smaller.
 *
 * @param steps the actions, each as jqwik's generator made it, so that it knows how to shrink
 */
record Sequence(List<Shrinkable<Action>> steps) {
    /** Most steps of a generated sequence. */
    private static final int STEPS_MAX = 60;

    /** Makes a sequence of random length. */
    static Sequence generate(RandomGenerator<Action> generator, Random random) {
        List<Shrinkable<Action>> steps = new ArrayList<>();
        int count = 1 + random.nextInt(STEPS_MAX);
        for (int i = 0; i < count; i++) {
            steps.add(generator.next(random));
        }
        return new Sequence(List.copyOf(steps));
    }

    /** The actions themselves. */
    List<Action> actions() {
        return steps.stream().map(Shrinkable::value).toList();
    }

    /** Smaller sequences, the much shorter ones first. */
    Stream<Sequence> smaller() {
        Stream<Sequence> shorter = Stream.iterate(steps.size(), chunk -> chunk > 0, chunk -> chunk / 2)
                .skip(1)
                .flatMap(this::withoutChunks);
        return Stream.concat(shorter, withSmallerSteps());
    }

    // From the end backwards: later steps depend on earlier ones, so they can be missed more easily.
    private Stream<Sequence> withoutChunks(int chunk) {
        return Stream.iterate(steps.size() - chunk, start -> start > -chunk, start -> start - chunk)
                .map(start -> without(Math.max(0, start), start + chunk));
    }

    private Sequence without(int from, int to) {
        List<Shrinkable<Action>> rest = new ArrayList<>(steps.subList(0, from));
        rest.addAll(steps.subList(to, steps.size()));
        return new Sequence(rest);
    }

    private Stream<Sequence> withSmallerSteps() {
        return Stream.iterate(0, i -> i < steps.size(), i -> i + 1)
                .flatMap(i -> steps.get(i).shrink().map(smaller -> with(i, smaller)));
    }

    private Sequence with(int index, Shrinkable<Action> step) {
        List<Shrinkable<Action>> changed = new ArrayList<>(steps);
        changed.set(index, step);
        return new Sequence(changed);
    }
}
