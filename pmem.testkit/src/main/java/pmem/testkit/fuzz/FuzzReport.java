package pmem.testkit.fuzz;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import pmem.api.RepairReport;

/** What came of many damaged images of one policy. Built by one thread, then read only. */
public final class FuzzReport {
    private static final int FAILURES_KEPT_MAX = 20;

    private final String policy;
    private final long seed;
    private final Map<Damage, EnumMap<Verdict, Long>> verdicts = new EnumMap<>(Damage.class);
    private final Map<Damage, EnumMap<RepairReport.Outcome, Long>> repairs = new EnumMap<>(Damage.class);
    private final List<String> failures = new ArrayList<>();
    private long images;
    private final Map<String, Long> indistinguishable = new TreeMap<>();
    private long collateral;
    private double seconds;

    FuzzReport(String policy, long seed) {
        this.policy = policy;
        this.seed = seed;
        for (Damage damage : Damage.values()) {
            verdicts.put(damage, new EnumMap<>(Verdict.class));
            repairs.put(damage, new EnumMap<>(RepairReport.Outcome.class));
        }
    }

    synchronized void add(DamagedImage image, ImageJudge.Judgement judgement) {
        images++;
        verdicts.getOrDefault(image.damage(), new EnumMap<>(Verdict.class)).merge(judgement.verdict(), 1L, Long::sum);
        repairs.getOrDefault(image.damage(), new EnumMap<>(RepairReport.Outcome.class))
                .merge(judgement.repair(), 1L, Long::sum);
        if (judgement.verdict() == Verdict.INDISTINGUISHABLE) {
            indistinguishable.merge(image.base().name(), 1L, Long::sum);
        }
        collateral += judgement.collateral() ? 1 : 0;
        if (judgement.verdict() == Verdict.WRONG && failures.size() < FAILURES_KEPT_MAX) {
            failures.add(policy + " seed=" + seed + " " + image + ": " + judgement.problem());
        }
    }

    void took(double runSeconds) {
        seconds = runSeconds;
    }

    /** Images judged. */
    public long images() {
        return images;
    }

    /** How many images of a kind of damage got a verdict. */
    public long count(Damage damage, Verdict verdict) {
        return verdicts.getOrDefault(damage, new EnumMap<>(Verdict.class)).getOrDefault(verdict, 0L);
    }

    /** How many images got a verdict. */
    public long count(Verdict verdict) {
        return verdicts.values().stream()
                .mapToLong(counts -> counts.getOrDefault(verdict, 0L))
                .sum();
    }

    /** How many repairs of images with a kind of damage ended in a way. */
    public long count(Damage damage, RepairReport.Outcome outcome) {
        return repairs.getOrDefault(damage, new EnumMap<>(RepairReport.Outcome.class))
                .getOrDefault(outcome, 0L);
    }

    /** What was wrong, in words, for the first images that had a wrong answer. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** The counts as a table. */
    @Override
    public synchronized String toString() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s: %d damaged images in %.1f s, seed %d; intact blocks given up for an overlap in %d repairs%n",
                policy,
                images,
                seconds,
                seed,
                collateral));
        text.append(String.format("%-14s", "damage"));
        for (Verdict verdict : Verdict.values()) {
            text.append(String.format("  %17s", verdict));
        }
        for (RepairReport.Outcome outcome : repairColumns()) {
            text.append(String.format("  %10s", name(outcome)));
        }
        text.append('\n');
        for (Damage damage : Damage.values()) {
            text.append(row(damage));
        }
        text.append("indistinguishable by how the pool was left: ")
                .append(indistinguishable)
                .append('\n');
        failures.forEach(failure -> text.append(failure).append('\n'));
        return text.toString();
    }

    private static List<RepairReport.Outcome> repairColumns() {
        return List.of(RepairReport.Outcome.NOT_NEEDED, RepairReport.Outcome.REPAIRED, RepairReport.Outcome.IMPOSSIBLE);
    }

    private static String name(RepairReport.Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private String row(Damage damage) {
        StringBuilder row = new StringBuilder(String.format("%-14s", damage));
        for (Verdict verdict : Verdict.values()) {
            row.append(String.format("  %17d", count(damage, verdict)));
        }
        for (RepairReport.Outcome outcome : repairColumns()) {
            row.append(String.format("  %10d", count(damage, outcome)));
        }
        return row.append('\n').toString();
    }
}
