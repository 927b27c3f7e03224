package io.weir.control.ipvsadm;

/** Text padded to columns; what is too wide is not cut. */
final class Columns {
    private static final int NUMBER_WIDTH = 8;
    private static final long KILO_FROM = 100_000_000L;
    private static final long MEGA_FROM = 1_000_000_000L;
    private static final long GIGA_FROM = 100_000_000_000L;
    private static final long TERA_FROM = 100_000_000_000_000L;

    private Columns() {}

    static StringBuilder left(StringBuilder line, CharSequence text, int width) {
        line.append(text);
        return pad(line, width - text.length());
    }

    static StringBuilder left(StringBuilder line, long number, int width) {
        int start = line.length();
        line.append(number);
        return pad(line, width - (line.length() - start));
    }

    private static StringBuilder pad(StringBuilder line, int count) {
        for (int i = 0; i < count; i++) {
            line.append(' ');
        }
        return line;
    }

    /**
     * Appends a counter in nine columns, shortened to thousands and so on from nine digits up.
     *
     * @param value an unsigned number
     * @param exact not shortened, however wide
     */
    static void counter(StringBuilder line, long value, boolean exact) {
        long divisor = exact ? 1 : divisor(value);
        String text = Long.toUnsignedString(Long.divideUnsigned(value, divisor));
        if (divisor == 1) {
            line.append(' ');
        }
        pad(line, NUMBER_WIDTH - text.length()).append(text).append(suffix(divisor));
    }

    private static long divisor(long value) {
        if (Long.compareUnsigned(value, KILO_FROM) < 0) {
            return 1;
        }
        if (Long.compareUnsigned(value, MEGA_FROM) < 0) {
            return 1_000L;
        }
        if (Long.compareUnsigned(value, GIGA_FROM) < 0) {
            return 1_000_000L;
        }
        return Long.compareUnsigned(value, TERA_FROM) < 0 ? 1_000_000_000L : 1_000_000_000_000L;
    }

    private static String suffix(long divisor) {
        return switch (Long.toString(divisor).length()) {
            case 4 -> "K";
            case 7 -> "M";
            case 10 -> "G";
            case 13 -> "T";
            default -> "";
        };
    }
}
