package pmem.recovery;

import java.util.concurrent.locks.LockSupport;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * The one primitive on state words, {@code w -> (w & ~mask) | bits}, by compare-and-set, since other bits of the word belong
 * to other blocks and are changed by other threads at any time.
 */
final class StateWords {
    // About a microsecond; a refused free puts the value back within some ten nanoseconds.
    private static final int SPINS_MAX = 128;

    private static final int LOOKS_MAX = SPINS_MAX + 16;
    private static final int PARK_NANOS = 1000;

    private StateWords() {}

    /** The field's value now. */
    static long load(Region region, long field) {
        return StateField.extract(region.loadAcquire(StateField.wordOffset(field)), field);
    }

    /**
     * Changes the field from one value to another.
     *
     * @return the value found: {@code expected} if the change was made, another if not
     */
    static long change(Region region, long field, long expected, long value) {
        long offset = StateField.wordOffset(field);
        while (true) {
            long word = region.loadAcquire(offset);
            long found = StateField.extract(word, field);
            if (found != expected || region.compareAndSet(offset, word, StateField.insert(word, field, value))) {
                return found;
            }
        }
    }

    /**
     * Sets the field of a block that the caller has reserved, if it is 0. Nobody else changes it meanwhile, so a byte of its own takes a plain
     * store: between two fences a locked instruction costs some 15 ns.
     *
     * @return the value found: 0 if the change was made
     */
    static long set(Region region, long field, long value) {
        if (!StateField.isByte(field)) {
            return change(region, field, 0, value);
        }
        long found = region.loadByteAcquire(StateField.byteOffset(field));
        if (found == 0) {
            region.storeByteRelease(StateField.byteOffset(field), (int) value);
        }
        return found;
    }

    /**
     * Changes a field that the caller has named against {@code free}: a free that is being refused shows it as 0 for a moment
     * (see {@link Claims}), which is waited out. One that is 0 is that of a block the caller has reserved.
     */
    static long changeNamed(Region region, long field, long expected, long value, OpenState openState) {
        if (expected == 0) {
            return set(region, field, value);
        }
        long found = change(region, field, expected, value);
        for (int looks = 0; found == 0; looks++) {
            // A region that was closed meanwhile reads as 0 for ever.
            openState.requireOpen();
            SpinLocks.pause(looks);
            found = change(region, field, expected, value);
        }
        return found;
    }

    /**
     * The value of a field that the caller has named against {@code free}. One that is 0 is looked at for a while, since a
     * free that is being refused puts its value back; after that the block is taken for free.
     */
    static long loadNamed(Region region, long field) {
        long value = load(region, field);
        for (int look = 1; value == 0 && look < LOOKS_MAX; look++) {
            // Who is about to put the value back may have lost its processor.
            if (look < SPINS_MAX) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PARK_NANOS);
            }
            value = load(region, field);
        }
        return value;
    }
}
