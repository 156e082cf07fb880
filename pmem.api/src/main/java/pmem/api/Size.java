package pmem.api;

import java.util.Locale;

/** Sizes in bytes, written in the units people use. All results are checked against overflow. */
public final class Size {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Size() {}

    /** {@code count} times 1024 bytes. */
    public static long kib(long count) {
        return Math.multiplyExact(count, 1L << 10);
    }

    /** {@code count} times 1024 KiB. */
    public static long mib(long count) {
        return Math.multiplyExact(count, 1L << 20);
    }

    /** {@code count} times 1024 MiB. */
    public static long gib(long count) {
        return Math.multiplyExact(count, 1L << 30);
    }

    /** {@code count} times 1024 GiB. */
    public static long tib(long count) {
        return Math.multiplyExact(count, 1L << 40);
    }

    /**
     * Reads a size as people type it: a whole number with an optional unit, for example {@code 4096}, {@code 64k},
     * {@code 16 MiB}, {@code 1g}. Units are powers of 1024 and case does not matter.
     *
     * @throws IllegalArgumentException if the text is not such a number, is negative, or exceeds {@link Long#MAX_VALUE}
     */
    public static long parse(String text) {
        String trimmed = text.strip().toLowerCase(Locale.ROOT);
        int digits = 0;
        while (digits < trimmed.length() && Character.isDigit(trimmed.charAt(digits))) {
            digits++;
        }
        int exponent = exponentOf(trimmed.substring(digits).strip());
        if (digits == 0 || exponent < 0) {
            throw new IllegalArgumentException("size is not readable: expected a whole number with an optional unit"
                    + " (B, KiB, MiB, GiB, TiB; k, m, g, t), found=\"" + text + "\"");
        }
        try {
            return Math.multiplyExact(Long.parseLong(trimmed.substring(0, digits)), 1L << (10 * exponent));
        } catch (NumberFormatException | ArithmeticException tooLarge) {
            throw new IllegalArgumentException(
                    "size is too large: expected at most " + Long.MAX_VALUE + " bytes, found=\"" + text + "\"",
                    tooLarge);
        }
    }

    private static int exponentOf(String unit) {
        return switch (unit) {
            case "", "b" -> 0;
            case "k", "kb", "kib" -> 1;
            case "m", "mb", "mib" -> 2;
            case "g", "gb", "gib" -> 3;
            case "t", "tb", "tib" -> 4;
            default -> -1;
        };
    }

    /** Formats a size for people: the largest unit that leaves at least one whole, with one decimal where it is not exact. */
    public static String format(long bytes) {
        int exponent = 0;
        double value = bytes;
        while (Math.abs(value) >= 1024 && exponent < UNITS.length - 1) {
            value /= 1024;
            exponent++;
        }
        boolean exact = value == Math.rint(value);
        return String.format(Locale.ROOT, exact ? "%.0f %s" : "%.1f %s", value, UNITS[exponent]);
    }
}
