package io.weir.control.lvscf;

import java.time.Duration;

/** How values are written. */
final class LvsCfText {
    private LvsCfText() {}

    /** Seconds, with as many decimal places as it takes. */
    static String seconds(Duration duration) {
        long millis = duration.toMillis();
        String whole = Long.toString(millis / 1000);
        if (millis % 1000 == 0) {
            return whole;
        }
        String fraction = String.format("%03d", millis % 1000);
        return whole + "." + fraction.replaceAll("0+$", "");
    }

    static String flag(boolean on) {
        return on ? "1" : "0";
    }
}
