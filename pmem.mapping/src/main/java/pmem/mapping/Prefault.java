package pmem.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Makes the pages of a mapping by several threads, in pieces that they take one after the other. */
final class Prefault {
    /** Large enough that the call costs nothing, small enough for a progress bar. */
    static final long PIECE_BYTES = 16L << 20;

    private final long address;
    private final long bytes;
    private final LongConsumer progress;
    private final AtomicLong next = new AtomicLong();
    private final AtomicInteger error = new AtomicInteger();
    // Guarded by the monitor.
    private long done;

    private Prefault(long address, long bytes, LongConsumer progress) {
        this.address = address;
        this.bytes = bytes;
        this.progress = progress;
    }

    /** Returns 0 when all pages are there, or minus an error number; the caller's thread is one of the threads. */
    static int run(long address, long bytes, int threads, LongConsumer progress) {
        Prefault prefault = new Prefault(address, bytes, progress);
        List<Thread> helpers = new ArrayList<>();
        for (int i = 1; i < threads && i * PIECE_BYTES < bytes; i++) {
            helpers.add(Thread.ofPlatform().daemon().name("pmem-prefault-" + i).start(prefault::takePieces));
        }
        prefault.takePieces();
        boolean interrupted = false;
        for (Thread helper : helpers) {
            interrupted |= joined(helper);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return prefault.error.get();
    }

    private void takePieces() {
        while (error.get() == 0) {
            long offset = next.getAndAdd(PIECE_BYTES);
            if (offset >= bytes) {
                return;
            }
            long length = Math.min(PIECE_BYTES, bytes - offset);
            int result = MemoryCalls.advise(address + offset, length, MemoryCalls.MADV_POPULATE_WRITE);
            if (result < 0) {
                error.compareAndSet(0, result);
                return;
            }
            advance(length);
        }
    }

    private synchronized void advance(long length) {
        done += length;
        progress.accept(done);
    }

    // The addresses stay the helpers' until they are done.
    private static boolean joined(Thread helper) {
        boolean interrupted = false;
        while (helper.isAlive()) {
            try {
                helper.join();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        return interrupted;
    }
}
