package pmem.mapping;

import pmem.api.PoolIoException;

/**
 * Write-back and fence by the page: a write-back notes pages of its thread, a fence flushes them and waits.
 *
 * <p>After a failed flush the kernel may have dropped the pages' dirty marks, so a later flush could succeed without the
 * data: the failure is kept, and every later write-back and fence of any thread reports it. Thread-safe.
 */
final class PageFlush {
    static final int PAGE_SHIFT = 12;

    private final String name;
    private final Flusher flusher;
    private final ThreadLocal<DirtyPages> dirtyPages = ThreadLocal.withInitial(DirtyPages::new);
    private volatile String failure = "";

    /** Moves a range of the region to the device. */
    @FunctionalInterface
    interface Flusher {
        /** Returns 0 or minus the error number; the range consists of whole pages but may pass the region's end. */
        int flush(long offset, long bytes);
    }

    PageFlush(String name, Flusher flusher) {
        this.name = name;
        this.flusher = flusher;
    }

    /** Notes the pages of a range of at least one byte. */
    void writeBack(long offset, long bytes) {
        checkHealthy();
        dirtyPages.get().add(offset >>> PAGE_SHIFT, ((offset + bytes - 1) >>> PAGE_SHIFT) + 1);
    }

    /**
     * Flushes what this thread noted.
     *
     * @throws PoolIoException if this or an earlier flush failed
     */
    void fence() {
        checkHealthy();
        DirtyPages pages = dirtyPages.get();
        for (int range = 0; range < pages.rangeCount(); range++) {
            long first = pages.firstPage(range);
            flush(first << PAGE_SHIFT, (pages.endPage(range) - first) << PAGE_SHIFT);
        }
        pages.clear();
        // Another thread's failed flush may have taken this thread's pages with it.
        checkHealthy();
    }

    /** Flushes a range whoever wrote it. */
    void flush(long offset, long bytes) {
        int result = flusher.flush(offset, bytes);
        if (result < 0) {
            failure = "flush failed: pool=" + name + " offset=0x" + Long.toHexString(offset) + " bytes=" + bytes + " "
                    + Errno.describe(-result) + "; the pool makes no further promise, check the device and reopen it";
            checkHealthy();
        }
    }

    private void checkHealthy() {
        String message = failure;
        if (!message.isEmpty()) {
            throw new PoolIoException(message);
        }
    }
}
