package pmem.testkit.crash;

/**
 * A set of 64-bit hashes for many threads: open addressing in stripes with a lock each, 8 bytes an element over the load
 * factor.
 */
final class HashSetOfLongs {
    private static final int STRIPE_BITS = 6;
    private static final long INSTEAD_OF_ZERO = 0x517cc1b727220a95L;
    private static final int FIRST_SLOTS = 1 << 8;

    private final Stripe[] stripes = new Stripe[1 << STRIPE_BITS];

    HashSetOfLongs() {
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** Adds a hash; returns whether it was absent. */
    boolean add(long hash) {
        long stored = hash == 0 ? INSTEAD_OF_ZERO : hash;
        return stripes[(int) (stored >>> (Long.SIZE - STRIPE_BITS))].add(stored);
    }

    long size() {
        long size = 0;
        for (Stripe stripe : stripes) {
            size += stripe.size();
        }
        return size;
    }

    private static final class Stripe {
        private long[] slots = new long[FIRST_SLOTS];
        private int size;

        synchronized boolean add(long hash) {
            if (!insert(slots, hash)) {
                return false;
            }
            if (++size * 3L > slots.length * 2L) {
                long[] larger = new long[2 * slots.length];
                for (long slot : slots) {
                    if (slot != 0) {
                        insert(larger, slot);
                    }
                }
                slots = larger;
            }
            return true;
        }

        synchronized int size() {
            return size;
        }

        private static boolean insert(long[] slots, long hash) {
            int mask = slots.length - 1;
            int at = (int) hash & mask;
            while (slots[at] != 0) {
                if (slots[at] == hash) {
                    return false;
                }
                at = (at + 1) & mask;
            }
            slots[at] = hash;
            return true;
        }
    }
}
