package io.weir.control.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.frame.FrameBytes;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where synchronisation differs from the recorded kernels' on purpose. Everything else must agree.
 */
enum SyncDifference {
    /**
     * A message about a connection that meets a template with a client's port, which no kernel
     * sends, lets the kernel count a server's connections below 0; and it holds the connection
     * apart that the template hides.
     */
    COUNTS_BELOW_NOTHING("list at .*: .*|# backup: ipvsadm -Ln.*"),

    /** ipvsadm garbles rows with 255 bytes of engine data: README of the recordings. */
    GARBLED_ROWS("# backup: ipvsadm -Lnc: .*"),

    /** ipvsadm-save of the kernel's forgets thresholds (docs/differences.md). */
    THRESHOLDS_SAVED("# backup: ipvsadm -Sn: .*"),

    /**
     * What a real server on the balancer itself answers never passes here (docs/differences.md).
     */
    LOCAL_ANSWERS_UNSEEN("sent master .*|(conns|list) at .*|# .*: ipvsadm -Ln.*"),

    /**
     * A control connection's shifted numbers are sent, and so it goes on at the other balancer,
     * where the kernel's breaks; and a new FTP command takes the place of one whose data connection
     * has not come (docs/decisions/ftp-helper.md).
     */
    FTP_GOES_ON(
            "sent master .* 10\\.1\\.0\\.100:21 .* flags 1?0?2?00 .*|conns at .* missing: .*LISTEN"
                    + " .*|in at .* backup: frames .*|#.* ipvsadm -Ln.*"),

    /** What the kernel's version 1 sends of sequence numbers it also does to the connection. */
    NUMBERS_OVERWRITTEN("in at .* backup: frames .*"),

    /**
     * Which connections a backup with fewer ports gets depends on the kernel's memory addresses.
     */
    PORTS_BY_MEMORY("conns at .* backup: .*|list at .* backup: .*|# backup: ipvsadm -Ln.*");

    /** Which difference a recording shows, and in how many places; 0 for any number. */
    private record Known(SyncDifference difference, int places) {}

    private static final Map<String, Known> BY_SCENARIO =
            Map.of(
                    "config-differs-2", new Known(THRESHOLDS_SAVED, 1),
                    "config-local-1", new Known(LOCAL_ANSWERS_UNSEEN, 16),
                    "ftp-nat-1", new Known(FTP_GOES_ON, 20),
                    "ftp-nat-2", new Known(FTP_GOES_ON, 18),
                    "inject-options-1", new Known(GARBLED_ROWS, 0),
                    "inject-relayftp-1", new Known(NUMBERS_OVERWRITTEN, 5),
                    "inject-update-1", new Known(COUNTS_BELOW_NOTHING, 3),
                    "ports-many-2", new Known(PORTS_BY_MEMORY, 0));

    private final Pattern pattern;

    SyncDifference(String pattern) {
        this.pattern = Pattern.compile(pattern, Pattern.DOTALL);
    }

    /** The differences that are not on purpose. */
    static List<String> without(String scenario, List<String> differences) {
        Known known = BY_SCENARIO.get(scenario);
        if (known == null) {
            return differences;
        }
        List<String> rest = new ArrayList<>(differences);
        rest.removeIf(difference -> known.difference.pattern.matcher(difference).matches());
        if (known.places != 0) {
            assertThat(differences.size() - rest.size())
                    .as(scenario + ": deliberate differences in " + differences)
                    .isEqualTo(known.places);
        }
        return rest;
    }

    /**
     * Whether frames are the same. Where the kernel shifts sequence numbers, its TCP checksum is
     * wrong by exactly that (recorded: inject-seqdelta), which is not copied: there the checksum is
     * to be right, and everything else the same.
     */
    static boolean sameFrames(List<String> kernel, List<String> weir) {
        if (kernel.equals(weir)) {
            return true;
        }
        if (kernel.size() != weir.size()) {
            return false;
        }
        for (int i = 0; i < kernel.size(); i++) {
            String one = kernel.get(i);
            String other = weir.get(i);
            boolean repaired =
                    !hasRightChecksum(one)
                            && hasRightChecksum(other)
                            && withoutChecksum(one).equals(withoutChecksum(other));
            if (!one.equals(other) && !repaired) {
                return false;
            }
        }
        return true;
    }

    private static final int TCP_CHECKSUM = 14 + 20 + 16;

    private static byte[] bytes(String frame) {
        return HexFormat.of().parseHex(frame.substring(frame.lastIndexOf(' ') + 1));
    }

    private static boolean isTcp(byte[] frame) {
        return frame.length > TCP_CHECKSUM + 1
                && FrameBytes.u16(frame, 12) == 0x0800
                && frame[14] == 0x45
                && frame[23] == 6;
    }

    private static boolean hasRightChecksum(String frame) {
        byte[] bytes = bytes(frame);
        if (!isTcp(bytes)) {
            return true;
        }
        int end = 14 + FrameBytes.u16(bytes, 16);
        byte[] covered = new byte[12 + end - 34];
        System.arraycopy(bytes, 26, covered, 0, 8);
        FrameBytes.putU16(covered, 8, 6);
        FrameBytes.putU16(covered, 10, end - 34);
        System.arraycopy(bytes, 34, covered, 12, end - 34);
        return FrameBytes.checksum(covered, 0, covered.length) == 0;
    }

    private static String withoutChecksum(String frame) {
        byte[] bytes = bytes(frame);
        FrameBytes.putU16(bytes, TCP_CHECKSUM, 0);
        return frame.substring(0, frame.lastIndexOf(' ')) + HexFormat.of().formatHex(bytes);
    }
}
