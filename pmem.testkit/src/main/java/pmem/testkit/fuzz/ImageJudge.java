package pmem.testkit.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import pmem.api.CheckReport;
import pmem.api.Finding;
import pmem.api.OutOfSpaceException;
import pmem.api.PmemException;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.PoolPart;
import pmem.api.RepairItem;
import pmem.api.RepairReport;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PolicySpace;
import pmem.spi.PoolProvider;
import pmem.spi.RepairBackup;

/** Checks, opens and repairs damaged images and judges the answers. For one thread. */
final class ImageJudge {
    /** Damage may cost this many times what the intact image costs. */
    private static final long STEPS_FACTOR = 200;

    private static final int PAGE_WORDS = 512;
    private static final int GROWN_PAGES_MAX = 4;
    private static final long PROBE_BYTES = 48;

    private final PoolProvider provider;
    private final PolicyProvider policy;
    private final PolicyParameters parameters;
    private final ImageRegion region;

    ImageJudge(PoolProvider provider, PolicyProvider policy, Map<String, Long> parameters, long imageBytes) {
        this.provider = provider;
        this.policy = policy;
        this.parameters = PolicyParameters.of(policy, parameters);
        region = new ImageRegion(imageBytes + GROWN_PAGES_MAX * PAGE_WORDS * Long.BYTES);
    }

    /** What came of one image: the verdict on open and verify, and how the repair ended; or a problem in words. */
    record Judgement(Verdict verdict, RepairReport.Outcome repair, boolean collateral, String problem) {}

    /** An answer that must not be. */
    private static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        Wrong(String problem) {
            super(problem);
        }
    }

    Judgement judge(DamagedImage image) {
        RepairReport.Outcome repair = RepairReport.Outcome.IMPOSSIBLE;
        try {
            CheckReport checked = check(image);
            Verdict verdict = open(image, checked);
            RepairReport repaired = repair(image, checked);
            repair = repaired.outcome();
            boolean collateral = repair == RepairReport.Outcome.REPAIRED && judgeRepaired(image, repaired);
            return new Judgement(verdict, repair, collateral, "");
        } catch (Wrong wrong) {
            return new Judgement(Verdict.WRONG, repair, false, String.valueOf(wrong.getMessage()));
        } catch (RuntimeException | AssertionError | OutOfMemoryError | StackOverflowError untyped) {
            StackTraceElement[] trace = untyped.getStackTrace();
            String at = trace.length == 0
                    ? ""
                    : " at " + Arrays.stream(trace).limit(6).toList();
            return new Judgement(Verdict.WRONG, repair, false, "no typed answer: " + untyped + at);
        }
    }

    private void reset(DamagedImage image) {
        region.reset(
                image.words(), image.shownBytes(), STEPS_FACTOR * image.base().steps());
    }

    private CheckReport check(DamagedImage image) {
        reset(image);
        CheckReport report = provider.checkOn(region);
        demand(region.stores() == 0, "check stored to the region");
        return report;
    }

    private Verdict open(DamagedImage image, CheckReport checked) {
        reset(image);
        Pool pool;
        try {
            pool = provider.openOn(region, PoolOptions.open());
        } catch (PmemException typed) {
            demand(!checked.opens(), "check says the pool opens, and open refuses it: " + typed);
            demand(
                    Arrays.equals(region.words(), 0, image.words().length, image.words(), 0, image.words().length)
                            || checked.refusal().isEmpty(),
                    "a refused open has changed media");
            return Verdict.REFUSED;
        }
        try (pool) {
            demand(checked.opens(), "check says the pool does not open, and it opens: " + checked);
            List<Finding> findings = pool.verify();
            demand(
                    checked.findings().containsAll(findings),
                    "verify reports what check did not: " + findings + ", check: " + checked.findings());
            Truth found = Truth.of(pool);
            if (findings.stream().anyMatch(Finding::isSerious)) {
                // A root that dangles tells what happened to its block; all others must be what they were.
                demandIntact(image, found, Set.of());
                return Verdict.REPORTED;
            }
            demandWorks(pool, found);
            if (image.base().truths().contains(found)) {
                demandContent(image, found);
                return pool.recovery().notes().isEmpty() ? Verdict.HARMLESS : Verdict.HEALED;
            }
            demandIntact(image, found, Set.of());
            return checked.isSound() ? Verdict.INDISTINGUISHABLE : Verdict.REPORTED;
        }
    }

    private RepairReport repair(DamagedImage image, CheckReport checked) {
        reset(image);
        RepairReport planned = provider.repairOn(region, true, RepairBackup.NONE);
        demand(region.stores() == 0, "a dry run stored to the region");
        if (planned.outcome() != RepairReport.Outcome.PLANNED) {
            boolean sound = planned.outcome() == RepairReport.Outcome.NOT_NEEDED;
            demand(sound == checked.isSound(), "check and repair disagree: " + checked + ", " + planned);
            return planned;
        }
        RepairReport report = provider.repairOn(region, false, RepairBackup.NONE);
        demand(report.outcome() == RepairReport.Outcome.REPAIRED, "the repair did not end as planned: " + report);
        demand(report.items().equals(planned.items()), "the repair did other things than planned");
        demand(report.after().isSound(), "the repaired pool is not sound: " + report);
        return report;
    }

    /** Whether intact blocks were given up because a damaged one overlapped them. */
    private boolean judgeRepaired(DamagedImage image, RepairReport report) {
        try (Pool pool = provider.openOn(region, PoolOptions.open())) {
            List<Finding> findings = pool.verify();
            demand(findings.isEmpty(), "the repaired pool has findings: " + findings);
            Truth found = Truth.of(pool);
            demandWorks(pool, found);
            Set<Long> overlapped = overlapped(image, report);
            demandIntact(image, found, overlapped);
            return !found.blocks().keySet().containsAll(intactBlocks(image)) && !overlapped.isEmpty();
        }
    }

    private static Set<Long> intactBlocks(DamagedImage image) {
        BitSet touched = image.touched();
        Set<Long> intact = new HashSet<>();
        image.base().truths().getFirst().blocks().keySet().forEach(handle -> {
            if (!wordsOf(image, handle).intersects(touched)) {
                intact.add(handle);
            }
        });
        return intact;
    }

    /** Blocks of which the report says that they were given up because they overlap another one. */
    private static Set<Long> overlapped(DamagedImage image, RepairReport report) {
        Set<Long> handles = new HashSet<>();
        for (RepairItem item : report.items()) {
            if (item.action() == RepairItem.Action.DROPPED) {
                image.base().wordsOfBlock().forEach((handle, words) -> {
                    if (item.finding().offset() >= 0
                            && words.get((int) (item.finding().offset() / Long.BYTES))) {
                        handles.add(handle);
                    }
                });
            }
        }
        return handles;
    }

    /**
     * Every block and root whose own words are intact is what it was, and every one that was not there is named by a damaged
     * word.
     */
    private void demandIntact(DamagedImage image, Truth found, Set<Long> exceptions) {
        BitSet touched = image.touched();
        List<String> problems = new ArrayList<>();
        for (Truth truth : image.base().truths()) {
            String problem = problem(image, touched, truth, found, exceptions);
            if (problem.isEmpty()) {
                demandContent(image, found);
                return;
            }
            problems.add(problem);
        }
        throw new Wrong(String.join("; or ", problems) + "; found " + found + ", expected "
                + image.base().truths());
    }

    private String problem(DamagedImage image, BitSet touched, Truth truth, Truth found, Set<Long> exceptions) {
        Set<Long> handles = new HashSet<>(truth.blocks().keySet());
        handles.addAll(found.blocks().keySet());
        Policy attached = null;
        for (long handle : handles) {
            if (Objects.equals(truth.blocks().get(handle), found.blocks().get(handle)) || exceptions.contains(handle)) {
                continue;
            }
            BitSet words = wordsOf(image, handle);
            if (words.isEmpty()) {
                attached = attached == null ? attach(image) : attached;
                attached.forEachWordOf(handle, offset -> words.set((int) (offset / Long.BYTES)));
            }
            if (!words.intersects(touched)) {
                return "block 0x" + Long.toHexString(handle) + " was "
                        + truth.blocks().get(handle) + " bytes and is "
                        + found.blocks().get(handle) + ", though its metadata was not damaged";
            }
        }
        if (truth.capacityBytes() != found.capacityBytes()
                && !image.base().wordsOfCapacity().intersects(touched)) {
            return "the pool was " + truth.capacityBytes() + " bytes large and is " + found.capacityBytes()
                    + ", though the words of its size were not damaged";
        }
        return rootProblem(image, touched, truth, found);
    }

    private Policy attach(DamagedImage image) {
        // On a copy: attaching may change words.
        ImageRegion copy = new ImageRegion(region.capacityBytes());
        copy.reset(
                Arrays.copyOf(region.words(), (int) (copy.capacityBytes() / Long.BYTES)),
                copy.capacityBytes(),
                Long.MAX_VALUE);
        ImageRegion intact = new ImageRegion(image.base().bytes());
        intact.reset(image.base().words(), image.base().bytes(), Long.MAX_VALUE);
        PoolPart space = provider.checkOn(intact).parts().getLast();
        return policy.attach(
                new PolicySpace(copy, space.offset(), image.base().spaceEndOffset(), space.endOffset(), false),
                parameters);
    }

    private static String rootProblem(DamagedImage image, BitSet touched, Truth truth, Truth found) {
        for (String name : union(truth.roots(), found.roots()).keySet()) {
            Long before = truth.roots().get(name);
            if (Objects.equals(before, found.roots().get(name))) {
                continue;
            }
            BitSet slot = image.base().wordsOfRoot().getOrDefault(name, new BitSet());
            boolean blockGone = before != null && !found.blocks().containsKey(before);
            boolean appeared = before == null && !touched.isEmpty();
            if (!slot.intersects(touched) && !blockGone && !appeared) {
                return "root " + name + " was " + before + " and is "
                        + found.roots().get(name) + ", though neither its slot nor its block was damaged";
            }
        }
        return "";
    }

    private static Map<String, Long> union(Map<String, Long> one, Map<String, Long> other) {
        Map<String, Long> all = new TreeMap<>(one);
        all.putAll(other);
        return all;
    }

    private static BitSet wordsOf(DamagedImage image, long handle) {
        BitSet words = image.base().wordsOfBlock().get(handle);
        return words == null ? new BitSet() : words;
    }

    /** Opening changed no byte of a block that was there before. */
    private void demandContent(DamagedImage image, Truth found) {
        for (Map.Entry<Long, Long> block : found.blocks().entrySet()) {
            int from = (int) (block.getKey() / Long.BYTES);
            int to = (int) ((block.getKey() + block.getValue()) / Long.BYTES);
            boolean known = image.base().truths().stream()
                    .anyMatch(truth -> block.getValue().equals(truth.blocks().get(block.getKey())));
            if (known && !Arrays.equals(region.words(), from, to, image.words(), from, to)) {
                demand(
                        image.base().truths().size() > 1,
                        "content of block 0x" + Long.toHexString(block.getKey()) + " was changed");
            }
        }
    }

    /** An allocation succeeds or is refused with a typed error, and does not touch a live block. */
    private void demandWorks(Pool pool, Truth found) {
        try {
            long handle = pool.allocate(PROBE_BYTES);
            long end = handle + pool.usableBytes(handle);
            found.blocks()
                    .forEach((other, bytes) -> demand(
                            end <= other || other + bytes <= handle,
                            "a new block at 0x" + Long.toHexString(handle) + " overlaps the one at 0x"
                                    + Long.toHexString(other)));
            pool.free(handle);
        } catch (OutOfSpaceException full) {
            demand(!found.blocks().isEmpty(), "an empty pool has no room: " + full);
        }
    }

    private static void demand(boolean right, String problem) {
        if (!right) {
            throw new Wrong(problem);
        }
    }
}
