package pmem.tool.demo;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import pmem.api.DurabilityDomain;
import pmem.api.Pool;
import pmem.api.PoolAccess;
import pmem.api.PoolOptions;
import pmem.api.Size;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolException;

/**
 * Shows what accesses keep and how it comes back: each is used for blocks of many sizes, all are freed, and then the
 * maintainer takes slabs from the idle ones, 1, 2, 4, 8 and 16 a tick, until nothing is held for nobody. One access is used
 * again meanwhile, and keeps what it uses.
 */
final class CachesDemo {
    private static final int ACCESSES = 3;
    private static final int BLOCKS_OF_A_SIZE = 40;
    private static final int SMALLEST_BYTES = 64;
    private static final int LARGEST_BYTES = 8192;
    private static final int STEPS_A_DOUBLING = 4;
    private static final int TICKS_MAX = 200;
    private static final int TICKS_OF_USE = 4;
    private static final int BAR_COLUMNS = 60;

    private final Streams streams;
    private final boolean lines;
    private final long tickMillis;
    private final List<Long> heldBytes = new ArrayList<>();

    CachesDemo(Streams streams, boolean lines, long tickMillis) {
        this.streams = streams;
        this.lines = lines;
        this.tickMillis = tickMillis;
    }

    /** Runs the demo on a new pool; returns the bytes held beyond live blocks after each tick, the first before any. */
    List<Long> run(Path path) {
        PoolOptions options = PoolOptions.createNew(Size.mib(64))
                .policy("segregated")
                .policyParameter("maintenanceMillis", tickMillis)
                // Slabs for all the sizes, and of full size from the start: more to see.
                .policyParameter("largestClassBytes", LARGEST_BYTES)
                .policyParameter("growth", 0)
                .durability(DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE);
        try (Pool pool = Pool.open(path, options)) {
            show(pool);
            return heldBytes;
        }
    }

    JsonObject json() {
        JsonObject object = new JsonObject();
        object.addProperty("tickMillis", tickMillis);
        JsonArray held = new JsonArray();
        heldBytes.forEach(held::add);
        object.add("heldBytes", held);
        return object;
    }

    private void show(Pool pool) {
        long emptyBytes = pool.usedBytes();
        List<PoolAccess> accesses = new ArrayList<>();
        for (int i = 0; i < ACCESSES; i++) {
            accesses.add(pool.access());
        }
        print(ACCESSES + " accesses allocate and free " + BLOCKS_OF_A_SIZE + " blocks of each of many sizes, "
                + SMALLEST_BYTES + " to " + LARGEST_BYTES + " bytes, and rest; a tick is " + tickMillis + " ms");
        accesses.forEach(CachesDemo::useAllSizes);
        int tick = 0;
        while (note(tick, pool.usedBytes() - emptyBytes) > 0) {
            if (tick == TICKS_MAX) {
                throw new ToolException("caches were not given back: ticks=" + TICKS_MAX + " heldBytes="
                        + heldBytes.getLast() + ", expected 0");
            }
            if (tick < TICKS_OF_USE) {
                accesses.getFirst().free(accesses.getFirst().allocate(SMALLEST_BYTES));
            }
            awaitTick();
            tick++;
        }
        print("nothing is held any more: what was cached is free for everybody, and a crash at any moment would have"
                + " lost nothing, since cached blocks are free on media");
        accesses.forEach(PoolAccess::release);
    }

    private static void useAllSizes(PoolAccess access) {
        for (int bytes = SMALLEST_BYTES; bytes <= LARGEST_BYTES; ) {
            long[] handles = new long[BLOCKS_OF_A_SIZE];
            for (int i = 0; i < handles.length; i++) {
                handles[i] = access.allocate(bytes);
            }
            for (long handle : handles) {
                access.free(handle);
            }
            bytes += Integer.highestOneBit(bytes) / STEPS_A_DOUBLING;
        }
    }

    private void awaitTick() {
        try {
            Thread.sleep(tickMillis);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new ToolException("interrupted while waiting for a tick", stop);
        }
    }

    private long note(int tick, long bytes) {
        heldBytes.add(bytes);
        long most = Math.max(1, heldBytes.getFirst());
        int columns = (int) Math.ceilDiv(bytes * BAR_COLUMNS, most);
        String bar = (streams.unicode() ? "\u2588" : "#").repeat(columns);
        print(String.format(Locale.ROOT, "tick %3d  %9s held  %s", tick, Size.format(bytes), bar));
        return bytes;
    }

    private void print(String line) {
        if (lines) {
            PrintStream out = streams.out();
            out.println(line);
            out.flush();
        }
    }
}
