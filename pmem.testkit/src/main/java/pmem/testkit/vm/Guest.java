package pmem.testkit.vm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The program of one boot. Its arguments are {@code name=value}; a {@code pool.NAME=PATH} for each pool.
 *
 * <pre>
 * policy       of new pools
 * first        true: make the pools, false: open and compare them
 * work         true: go on until the power is cut, false: close the pools and end
 * capacityMib  of new pools
 * workers      threads for each pool
 * trace        compressed trace to replay
 * acks         what the host has read
 * control      folder for the control files
 * </pre>
 */
public final class Guest {
    private static final long MIB = 1 << 20;
    private static final String POOL = "pool.";

    private Guest() {}

    /** Runs it; exit code 1 if anything was wrong. */
    public static void main(String[] arguments) {
        Console console = new Console();
        boolean right = false;
        try {
            right = run(parse(arguments), console);
        } catch (RuntimeException | Error failure) {
            console.say("WRONG " + failure);
            failure.printStackTrace();
        }
        console.say(right ? "done" : "failed");
        System.exit(right ? 0 : 1);
    }

    private static Map<String, String> parse(String[] arguments) {
        Map<String, String> values = new TreeMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            values.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        return values;
    }

    private static String value(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("argument is missing: name=" + name);
        }
        return value;
    }

    private static boolean run(Map<String, String> values, Console console) {
        int workers = Integer.parseInt(value(values, "workers"));
        List<WorkList> work = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            work.add(WorkList.read(Path.of(value(values, "trace")), worker, workers));
        }
        boolean first = Boolean.parseBoolean(value(values, "first"));
        Acknowledged acknowledged = Acknowledged.read(Path.of(value(values, "acks")));
        Control control = new Control(Path.of(value(values, "control")), console);
        long lastControl = control.judge(acknowledged.controlFile());
        List<CampaignPool> pools = new ArrayList<>();
        boolean right = true;
        for (Map.Entry<String, String> entry : values.entrySet()) {
            if (!entry.getKey().startsWith(POOL)) {
                continue;
            }
            String name = entry.getKey().substring(POOL.length());
            Path path = Path.of(entry.getValue());
            if (first) {
                long capacityBytes = Long.parseLong(value(values, "capacityMib")) * MIB;
                pools.add(CampaignPool.create(name, path, value(values, "policy"), capacityBytes, work, console));
            } else {
                CampaignPool pool = CampaignPool.open(name, path, work, console);
                right &= pool.verify(acknowledged);
                pools.add(pool);
            }
        }
        if (!right || !Boolean.parseBoolean(value(values, "work"))) {
            pools.forEach(CampaignPool::close);
            return right;
        }
        control.start(lastControl);
        pools.forEach(CampaignPool::work);
        console.say("working");
        while (!Thread.currentThread().isInterrupted()) {
            LockSupport.park();
        }
        return true;
    }
}
