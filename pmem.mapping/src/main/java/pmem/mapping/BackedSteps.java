package pmem.mapping;

import java.util.concurrent.atomic.AtomicLongArray;
import pmem.api.PoolIoException;

/**
 * Gives a sparse file blocks in steps, before they are touched through its mapping, and remembers which steps have them. What
 * was given before this opening is asked for once more, which changes nothing. Looking is lock-free; who gives holds the
 * region's lock, so that the descriptor cannot be closed meanwhile.
 */
final class BackedSteps {
    /** One huge page. */
    static final int STEP_SHIFT = 21;

    private static final int WORD_SHIFT = 6;

    private final PoolFile file;
    private final String name;
    private final AtomicLongArray backed;

    /** Knows of no blocks; of a file that may become as long as {@code maxBytes}. */
    BackedSteps(PoolFile file, long maxBytes, String name) {
        this.file = file;
        this.name = name;
        long steps = ((maxBytes - 1) >>> STEP_SHIFT) + 1;
        backed = new AtomicLongArray(Math.toIntExact(((steps - 1) >>> WORD_SHIFT) + 1));
    }

    /** Whether all of a range of at least one byte is known to have blocks. */
    boolean has(long offset, long bytes) {
        long last = (offset + bytes - 1) >>> STEP_SHIFT;
        for (long step = offset >>> STEP_SHIFT; step <= last; step++) {
            if (!has(step)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Gives the steps of a range blocks.
     *
     * @return false if the file system has too few left
     * @throws PoolIoException if it refuses for another reason
     */
    boolean give(long offset, long bytes) {
        long last = (offset + bytes - 1) >>> STEP_SHIFT;
        long step = offset >>> STEP_SHIFT;
        while (step <= last) {
            if (has(step)) {
                step++;
                continue;
            }
            long end = step + 1;
            while (end <= last && !has(end)) {
                end++;
            }
            if (!giveRun(step, end)) {
                return false;
            }
            step = end;
        }
        return true;
    }

    private boolean giveRun(long firstStep, long endStep) {
        long start = firstStep << STEP_SHIFT;
        long bytes = Math.min(file.bytes(), endStep << STEP_SHIFT) - start;
        // An attempt that cannot succeed would leave the file system full.
        boolean mayFit = bytes <= 1L << STEP_SHIFT
                || bytes <= FileSystemFacts.ofDescriptor(file.descriptor()).freeBytes();
        int result = mayFit ? Posix.allocateQuickly(file.descriptor(), start, bytes) : -Errno.ENOSPC;
        if (result == -Errno.ENOSPC || result == -Errno.EDQUOT) {
            return false;
        }
        if (result < 0) {
            throw new PoolIoException("sparse pool could not be given blocks: pool=" + name + " offset=0x"
                    + Long.toHexString(start) + " bytes=" + bytes + " " + Errno.describe(-result)
                    + "; use a file system that has fallocate, or create the pool with preallocate(true)");
        }
        for (long step = firstStep; step < endStep; step++) {
            long bit = 1L << step;
            backed.getAndUpdate((int) (step >>> WORD_SHIFT), word -> word | bit);
        }
        return true;
    }

    /**
     * Takes the blocks of the whole steps in a range away.
     *
     * @return how many bytes the file has fewer; 0 where the file system can't do it
     */
    long take(long offset, long bytes) {
        long first = (offset + (1L << STEP_SHIFT) - 1) >>> STEP_SHIFT;
        long end = (offset + bytes) >>> STEP_SHIFT;
        if (first >= end) {
            return 0;
        }
        // Before the blocks go: whoever finds the bit set relies on them.
        forgetSteps(first, end);
        long before = allocatedBytes();
        int result = Posix.punchHole(file.descriptor(), first << STEP_SHIFT, (end - first) << STEP_SHIFT);
        if (result < 0 && result != -Errno.EOPNOTSUPP) {
            throw new PoolIoException("blocks of free space could not be given back: pool=" + name + " offset=0x"
                    + Long.toHexString(first << STEP_SHIFT) + " " + Errno.describe(-result)
                    + "; the pool goes on, check the device");
        }
        return Math.max(0, before - allocatedBytes());
    }

    private long allocatedBytes() {
        return FileFacts.ofDescriptor(file.descriptor())
                .map(FileFacts::allocatedBytes)
                .orElse(0L);
    }

    /**
     * Knows nothing any more of the steps that have something of a range of at least one byte: the file grows or shrinks there, and of
     * what was known of a step only its first part may hold.
     */
    void forget(long offset, long endOffset) {
        forgetSteps(offset >>> STEP_SHIFT, ((endOffset - 1) >>> STEP_SHIFT) + 1);
    }

    private void forgetSteps(long first, long end) {
        for (long step = first; step < end; step++) {
            long bit = 1L << step;
            backed.getAndUpdate((int) (step >>> WORD_SHIFT), word -> word & ~bit);
        }
    }

    private boolean has(long step) {
        // pairs with: BackedSteps.giveRun
        return (backed.getAcquire((int) (step >>> WORD_SHIFT)) & 1L << step) != 0;
    }
}
