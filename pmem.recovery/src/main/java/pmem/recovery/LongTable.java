package pmem.recovery;

/**
 * Rows of four numbers, found by a number other than 0; for any number of threads. Adding and removing rows makes no objects, unless
 * there are more rows than there ever were.
 *
 * <p>Rows are divided among stripes by a hash of their keys. A stripe is an open-addressed table, searched from the row's place on,
 * under the stripe's lock, which nobody keeps while he does anything else. A row that is removed leaves no mark: those behind
 * it that are not in their places move up (Knuth, TAOCP 3, 6.4, algorithm R).
 *
 * <p>What a thread did before it changed a row happens before what another does after it has read that row or missed it.
 */
final class LongTable {
    /** There is no such row. */
    static final long ABSENT = Long.MIN_VALUE;

    /** Visits rows; must not use the table. */
    interface RowVisitor {
        void visit(long key, long first, long second, long third, long fourth);
    }

    /** Numbers of a row. */
    static final int NUMBERS = 4;

    private static final int STRIPE_BITS = 6;

    private final Stripe[] stripes = new Stripe[1 << STRIPE_BITS];
    private final SpinLocks locks = new SpinLocks(stripes.length);

    LongTable() {
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = new Stripe();
        }
    }

    private static int indexOf(long key) {
        return SpinLocks.indexOf(key, STRIPE_BITS);
    }

    /** Writes a row, over the one there is if there is one. */
    void put(long key, long first, long second, long third, long fourth) {
        int index = indexOf(key);
        Stripe stripe = stripes[index];
        locks.lock(index);
        try {
            stripe.write(stripe.placeFor(key), key, first, second, third, fourth);
        } finally {
            locks.unlock(index);
        }
    }

    /** Writes a row whose other numbers are 0; returns whether there was none. */
    boolean putIfAbsent(long key, long first) {
        int index = indexOf(key);
        Stripe stripe = stripes[index];
        locks.lock(index);
        try {
            boolean absent = stripe.find(key) < 0;
            if (absent) {
                stripe.write(stripe.placeFor(key), key, first, 0, 0, 0);
            }
            return absent;
        } finally {
            locks.unlock(index);
        }
    }

    /** Adds to the first number of a row, which is 0 if there is none; a row that comes to 0 is removed. */
    void add(long key, long addend) {
        int index = indexOf(key);
        Stripe stripe = stripes[index];
        locks.lock(index);
        try {
            int found = stripe.find(key);
            long sum = addend + (found < 0 ? 0 : stripe.number(found, 0));
            if (sum != 0) {
                stripe.write(stripe.placeFor(key), key, sum, 0, 0, 0);
            } else if (found >= 0) {
                stripe.remove(found);
            }
        } finally {
            locks.unlock(index);
        }
    }

    /** A number of a row, by its place from 0 to 3, or {@link #ABSENT}. */
    long get(long key, int column) {
        int index = indexOf(key);
        Stripe stripe = stripes[index];
        locks.lock(index);
        try {
            int found = stripe.find(key);
            return found < 0 ? ABSENT : stripe.number(found, column);
        } finally {
            locks.unlock(index);
        }
    }

    /** Whether there is a row. */
    boolean contains(long key) {
        return get(key, 0) != ABSENT;
    }

    /**
     * Removes a row if its first two numbers are these.
     *
     * @return the number of the removed row in a column, or {@link #ABSENT}
     */
    long take(long key, long first, long second, int column) {
        int index = indexOf(key);
        Stripe stripe = stripes[index];
        locks.lock(index);
        try {
            int found = stripe.find(key);
            if (found < 0 || stripe.number(found, 0) != first || stripe.number(found, 1) != second) {
                return ABSENT;
            }
            long number = stripe.number(found, column);
            stripe.remove(found);
            return number;
        } finally {
            locks.unlock(index);
        }
    }

    /** Removes a row if its first number is this one, and copies its four numbers; false if there is no such row. */
    boolean take(long key, long first, long[] numbers) {
        int index = indexOf(key);
        Stripe stripe = stripes[index];
        locks.lock(index);
        try {
            int found = stripe.find(key);
            if (found < 0 || stripe.number(found, 0) != first) {
                return false;
            }
            for (int column = 0; column < NUMBERS; column++) {
                numbers[column] = stripe.number(found, column);
            }
            stripe.remove(found);
            return true;
        } finally {
            locks.unlock(index);
        }
    }

    /** Visits all rows; of those that come or go meanwhile, some. */
    void forEach(RowVisitor visitor) {
        for (int i = 0; i < stripes.length; i++) {
            if (stripes[i].rows > 0) {
                locks.lock(i);
                try {
                    stripes[i].forEach(visitor);
                } finally {
                    locks.unlock(i);
                }
            }
        }
    }

    /** Number of rows; of those that come or go meanwhile, some. */
    long count() {
        long sum = 0;
        for (Stripe stripe : stripes) {
            // Without the locks: figures are asked for often.
            sum += stripe.rows;
        }
        return sum;
    }

    /** A part of the table; guarded by the lock of its number. A row is its key, 0 for none, and its numbers. */
    private static final class Stripe {
        private static final int ROW_WORDS = 1 + NUMBERS;
        private static final int PLACES_AT_START = 4;

        private long[] words = new long[0];
        private int rows;
        /** One less than the number of places, a power of two; -1 while there are none. */
        private int mask = -1;

        /** The place of a row, or -1. */
        int find(long key) {
            if (rows == 0) {
                return -1;
            }
            int place = firstPlaceOf(key);
            while (keyAt(place) != 0) {
                if (keyAt(place) == key) {
                    return place;
                }
                place = (place + 1) & mask;
            }
            return -1;
        }

        /** The place of a row, or one where it is to be; there is a free place behind it in either case. */
        int placeFor(long key) {
            int found = find(key);
            if (found >= 0) {
                return found;
            }
            if (2 * (rows + 1) > mask + 1) {
                enlarge();
            }
            rows++;
            return freePlaceFor(key);
        }

        private int freePlaceFor(long key) {
            int place = firstPlaceOf(key);
            while (keyAt(place) != 0) {
                place = (place + 1) & mask;
            }
            return place;
        }

        private void enlarge() {
            long[] before = words;
            int places = Math.max(PLACES_AT_START, 2 * (mask + 1));
            words = new long[places * ROW_WORDS];
            mask = places - 1;
            for (int at = 0; at < before.length; at += ROW_WORDS) {
                if (before[at] != 0) {
                    System.arraycopy(before, at, words, freePlaceFor(before[at]) * ROW_WORDS, ROW_WORDS);
                }
            }
        }

        void write(int place, long key, long first, long second, long third, long fourth) {
            int at = place * ROW_WORDS;
            words[at] = key;
            words[at + 1] = first;
            words[at + 2] = second;
            words[at + 3] = third;
            words[at + 4] = fourth;
        }

        long number(int place, int column) {
            return words[place * ROW_WORDS + 1 + column];
        }

        void remove(int place) {
            int gap = place;
            for (int next = (gap + 1) & mask; keyAt(next) != 0; next = (next + 1) & mask) {
                int wayToNext = (next - firstPlaceOf(keyAt(next))) & mask;
                if (wayToNext >= ((next - gap) & mask)) {
                    System.arraycopy(words, next * ROW_WORDS, words, gap * ROW_WORDS, ROW_WORDS);
                    gap = next;
                }
            }
            words[gap * ROW_WORDS] = 0;
            rows--;
        }

        void forEach(RowVisitor visitor) {
            for (int at = 0; at < words.length; at += ROW_WORDS) {
                if (words[at] != 0) {
                    visitor.visit(words[at], words[at + 1], words[at + 2], words[at + 3], words[at + 4]);
                }
            }
        }

        // Other bits of the hash than those that choose the stripe.
        private int firstPlaceOf(long key) {
            return (int) ((key * SpinLocks.HASH_FACTOR) >>> (Integer.SIZE - STRIPE_BITS)) & mask;
        }

        private long keyAt(int place) {
            return words[place * ROW_WORDS];
        }
    }
}
