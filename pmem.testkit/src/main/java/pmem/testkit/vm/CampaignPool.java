package pmem.testkit.vm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import pmem.api.CheckReport;
import pmem.api.Finding;
import pmem.api.Pool;
import pmem.api.PoolOptions;

/** One pool of the campaign: opened, compared with what was acknowledged, and worked on until the power is cut. */
final class CampaignPool {
    private final String name;
    private final Path path;
    private final List<WorkList> work;
    private final Console console;
    private final List<Long> positions = new ArrayList<>();
    private final List<Map<Integer, Long>> handles = new ArrayList<>();
    private final Pool pool;

    private CampaignPool(String name, Path path, List<WorkList> work, Console console, Pool pool) {
        this.name = name;
        this.path = path;
        this.work = work;
        this.console = console;
        this.pool = pool;
    }

    /** Makes a new pool with nothing in it. */
    static CampaignPool create(
            String name, Path path, String policy, long capacityBytes, List<WorkList> work, Console console) {
        Pool pool = Pool.open(path, PoolOptions.create(capacityBytes).policy(policy));
        CampaignPool made = new CampaignPool(name, path, work, console, pool);
        for (int worker = 0; worker < work.size(); worker++) {
            Worker.prepare(pool, worker);
            made.begin(worker, 0, PoolSurvey.of(pool, 0));
        }
        console.say("created pool=" + name + " policy=" + pool.policy() + " durability=" + pool.durability());
        return made;
    }

    /** Opens a pool after a cut. */
    static CampaignPool open(String name, Path path, List<WorkList> work, Console console) {
        console.say("opening pool=" + name);
        CheckReport check = Pool.check(path);
        Pool pool = Pool.open(path, PoolOptions.open());
        console.say("opened pool=" + name + " durability="
                + pool.durability().domain().id() + " check=" + check.state() + " recovery=" + pool.recovery());
        return new CampaignPool(name, path, work, console, pool);
    }

    /** Compares, says what it found, and takes up the work where it was cut; whether all was right. */
    boolean verify(Acknowledged acknowledged) {
        PoolSurvey survey = PoolSurvey.of(pool, work.size());
        List<Finding> findings =
                pool.verify().stream().filter(Finding::isSerious).toList();
        long lost = 0;
        long leaked = Math.max(0, survey.nameless().size() - work.size());
        long operations = 0;
        boolean matched = true;
        for (int worker = 0; worker < work.size(); worker++) {
            long sure = acknowledged.operations(name, worker);
            operations += sure;
            Position position = new Position(work.get(worker), worker, survey.stamps(worker));
            OptionalLong done = position.find(sure, Worker.recordedTransaction(pool, worker));
            if (done.isEmpty()) {
                matched = false;
                lost += position.lost(sure);
                leaked += position.surplus(sure);
            } else {
                begin(worker, done.getAsLong(), survey);
            }
        }
        boolean right = matched && lost == 0 && leaked == 0 && survey.doubles() == 0 && findings.isEmpty();
        console.say((right ? "verified" : "WRONG") + " pool=" + name + " acknowledged=" + operations + " blocks="
                + survey.named() + " inFlight=" + survey.nameless().size() + " lost=" + lost + " leaked=" + leaked
                + " doubles=" + survey.doubles() + " findings=" + findings.size() + " matched=" + matched);
        findings.forEach(finding -> console.say("finding pool=" + name + " " + finding));
        survey.nameless().forEach(pool::free);
        return right;
    }

    private void begin(int worker, long done, PoolSurvey survey) {
        positions.add(done);
        handles.add(worker < survey.workers() ? survey.handles(worker) : new HashMap<>());
        console.acknowledge(name, worker, done);
    }

    /** Starts a thread for each worker; they end with the process. */
    void work() {
        for (int worker = 0; worker < work.size(); worker++) {
            int number = worker;
            Worker hand = new Worker(pool, number, work.get(number), handles.get(number));
            Thread thread = new Thread(() -> run(hand, number), name + "-" + number);
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void run(Worker hand, int number) {
        try {
            hand.run(positions.get(number), done -> console.acknowledge(name, number, done));
        } catch (RuntimeException | Error failure) {
            console.say("WRONG pool=" + name + " path=" + path + " worker=" + number + " " + failure);
            failure.printStackTrace();
        }
    }

    void close() {
        pool.close();
    }
}
