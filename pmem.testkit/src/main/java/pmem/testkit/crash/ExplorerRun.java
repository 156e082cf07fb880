package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import pmem.testkit.schedule.PreemptionSearch;

/** One exploration from creation to report. */
final class ExplorerRun {
    private static final int SEQUENCES_PER_TELL = 256;

    private final Exploration exploration;
    private final ExplorerSettings settings;
    private final Sizes sizes;
    private final Consumer<CrashExplorer.Progress> listener;
    private final String repeat;
    private final ImageChecker checker;

    ExplorerRun(Exploration exploration, Sizes sizes, Consumer<CrashExplorer.Progress> listener, String repeat) {
        this.exploration = exploration;
        this.settings = exploration.settings;
        this.sizes = sizes;
        this.listener = listener;
        this.repeat = repeat;
        this.checker = new ImageChecker(exploration, sizes, Exploration.Origin.ONE_THREAD, true);
    }

    ExplorerReport run() {
        long startNanos = System.nanoTime();
        int lengthReached = 0;
        CreationRun creation = new CreationRun(exploration, checker, repeat);
        Optional<StartImage> created = creation.onZeros();
        if (created.isEmpty()) {
            return exploration.toReport(0, (System.nanoTime() - startNanos) / 1e9);
        }
        StartImage start = created.get();
        creation.onRemains(start, usedMedia(start));
        try (ExecutorService workers = Executors.newFixedThreadPool(settings.workers())) {
            // With two threads at least a quarter of the images is theirs.
            long oneThreadMax = settings.threads() == 1 ? settings.imagesMax() : settings.imagesMax() / 3 * 2;
            lengthReached = onOneThread(workers, start, oneThreadMax);
            randomly(workers, start);
            if (settings.threads() > 1) {
                List<Alphabet> alphabets = alphabets(Alphabet::twoThreads);
                for (int i = 0; i < alphabets.size(); i++) {
                    limitShare(i, alphabets.size(), settings.imagesMax());
                    onTwoThreads(workers, start, alphabets.get(i));
                }
            }
        }
        return exploration.toReport(lengthReached, (System.nanoTime() - startNanos) / 1e9);
    }

    private List<Alphabet> alphabets(Predicate<Alphabet> wanted) {
        return Alphabet.of(settings.operations()).stream().filter(wanted).toList();
    }

    // What one alphabet leaves, the next ones share.
    private void limitShare(int index, int count, long imagesMax) {
        long found = exploration.distinct.sum();
        exploration.limitDistinct(found + Math.max(0, imagesMax - found) / (count - index));
    }

    private int onOneThread(ExecutorService workers, StartImage start, long imagesMax) {
        List<Alphabet> alphabets = alphabets(Alphabet::oneThread);
        int shortest = settings.length();
        for (int i = 0; i < alphabets.size(); i++) {
            limitShare(i, alphabets.size(), imagesMax);
            int lengthReached = 0;
            for (int length = 1; length <= settings.length() && !exploration.isOver(); length++) {
                exhaust(workers, start, length, alphabets.get(i));
                lengthReached += exploration.isOver() ? 0 : 1;
            }
            shortest = Math.min(shortest, lengthReached);
        }
        exploration.limitDistinct(imagesMax);
        return shortest;
    }

    private long[] usedMedia(StartImage start) {
        SequenceRun run = new SequenceRun(exploration, checker, start, sizes, repeat);
        try {
            for (Operation operation : settings.operations()) {
                run.run(operation, false);
            }
            checker.fillAndDrain(run.trial().pool());
            run.close();
        } catch (TrialFailure reported) {
            run.abandon();
        }
        return run.region().words();
    }

    private void exhaust(ExecutorService workers, StartImage start, int length, Alphabet alphabet) {
        SequenceSearch search = new SequenceSearch(length, alphabet.operations().size());
        String stage = alphabet.name() + ", length " + length;
        AtomicInteger untold = new AtomicInteger();
        onAll(
                workers,
                () -> search.work(exploration, sequence -> {
                    if (untold.incrementAndGet() % SEQUENCES_PER_TELL == 0) {
                        tell(stage, search.share());
                    }
                    return runSequence(start, alphabet, sequence);
                }));
        tell(stage, 1);
    }

    private int runSequence(StartImage start, Alphabet alphabet, int[] sequence) {
        SequenceRun run = new SequenceRun(exploration, checker, start, sizes, repeat);
        try {
            for (int i = 0; i < sequence.length; i++) {
                Operation operation = alphabet.operations().get(sequence[i]);
                if (!run.run(operation, i == sequence.length - 1)) {
                    run.abandon();
                    return i;
                }
            }
            exploration.sequences.increment();
            run.close();
        } catch (TrialFailure reported) {
            run.abandon();
        }
        return sequence.length;
    }

    private void onTwoThreads(ExecutorService workers, StartImage start, Alphabet alphabet) {
        // An alphabet for two threads alone is about a block they share, so something has to come before.
        int shortest = alphabet.oneThread() ? 2 : 3;
        for (int length = shortest; length <= Math.max(2, settings.length()) && !exploration.isOver(); length++) {
            SequenceSearch search =
                    new SequenceSearch(length, alphabet.operations().size());
            onAll(workers, () -> {
                try (NumberedThreads threads = new NumberedThreads(2)) {
                    TwoThreadRun run =
                            new TwoThreadRun(exploration, checker.forTwoThreads(), start, sizes, repeat, threads);
                    search.work(exploration, sequence -> runPair(run, alphabet, sequence, search));
                }
            });
        }
    }

    private int runPair(TwoThreadRun run, Alphabet alphabet, int[] sequence, SequenceSearch search) {
        List<Operation> operations =
                Arrays.stream(sequence).mapToObj(alphabet.operations()::get).toList();
        tell("two threads, " + alphabet.name() + ", length " + sequence.length, search.share());
        int givenUp = new PreemptionSearch(2, settings.preemptions(), exploration::isOver)
                .run(schedule -> run.run(operations, schedule));
        return givenUp < 0 ? -givenUp - 1 : sequence.length;
    }

    private void randomly(ExecutorService workers, StartImage start) {
        int count = settings.random().sequences();
        RandomSequences sequences = new RandomSequences(exploration, checker, start, sizes, repeat);
        AtomicInteger next = new AtomicInteger();
        onAll(workers, () -> {
            int number;
            while (!exploration.isOver() && (number = next.getAndIncrement()) < count) {
                sequences.run(settings.random().seed() + number);
                tell("random sequences", (double) number / count);
            }
        });
    }

    private void onAll(ExecutorService workers, Runnable work) {
        List<Future<?>> futures = new ArrayList<>();
        for (int i = 0; i < settings.workers(); i++) {
            futures.add(workers.submit(work));
        }
        try {
            for (Future<?> future : futures) {
                future.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a worker of the explorer failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the exploration was interrupted", e);
        }
    }

    private void tell(String stage, double share) {
        listener.accept(new CrashExplorer.Progress(stage, share, exploration.distinct.sum()));
    }
}
