package io.weir.control.handover;

import io.weir.control.check.ServerHealth;
import io.weir.control.check.ServerKey;
import io.weir.dataplane.net.IpAddress;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * Writes a state file.
 *
 * <pre>
 * magic (4 bytes), version (2), the namespace's cookie (8), wall clock and boot clock in ms (8 each)
 * real servers (4), each: protocol (1), virtual address, port and mark (4 each), address, port (4),
 *                   health (1), since in ms (8), checks (1), each: name, health (1), detail,
 *                   passes and failures (4 each), duration in ms (8)
 * messages of connections, each: length (4), bytes; 0 (4)
 * CRC-32C of everything before it (8)
 * </pre>
 *
 * <p>An address is 1 for IPv6 (1 byte) and two halves (8 each); a text has its length before it (2)
 * and is in UTF-8. Numbers are big-endian.
 */
final class StateWriter {
    static final int MAGIC = 0x77656972;
    static final int VERSION = 1;
    static final int MOST_SERVERS = 100_000;
    static final int MOST_CHECKS = 64;
    static final int MOST_TEXT = 1_000;

    private final CRC32C sum = new CRC32C();
    private final DataOutputStream output;

    StateWriter(OutputStream to) {
        output = new DataOutputStream(new CheckedOutputStream(to, sum));
    }

    /** Begins, for a network namespace and at a time. */
    void begin(long cookie, Moment at) throws IOException {
        output.writeInt(MAGIC);
        output.writeShort(VERSION);
        output.writeLong(cookie);
        output.writeLong(at.wallMillis());
        output.writeLong(at.bootMillis());
    }

    /** Then come the real servers; those beyond the limit are left out. */
    void write(Collection<ServerHealth> servers) throws IOException {
        int count = Math.min(servers.size(), MOST_SERVERS);
        output.writeInt(count);
        for (ServerHealth server : servers.stream().limit(count).toList()) {
            write(server);
        }
    }

    private void write(ServerHealth server) throws IOException {
        ServerKey key = server.key();
        output.writeByte(key.service().protocol());
        write(key.service().address());
        output.writeInt(key.service().port());
        output.writeInt(key.service().mark());
        write(key.server().address());
        output.writeInt(key.server().port());
        output.writeByte(server.health().ordinal());
        output.writeLong(server.since().toEpochMilli());
        int checks = Math.min(server.checks().size(), MOST_CHECKS);
        output.writeByte(checks);
        for (ServerHealth.CheckHealth check : server.checks().subList(0, checks)) {
            output.writeUTF(cut(check.name()));
            output.writeByte(check.health().ordinal());
            output.writeUTF(cut(check.detail()));
            output.writeInt(check.passes());
            output.writeInt(check.failures());
            output.writeLong(check.lastMillis());
        }
    }

    private void write(IpAddress address) throws IOException {
        output.writeByte(address.ipv6() ? 1 : 0);
        output.writeLong(address.high());
        output.writeLong(address.low());
    }

    private static String cut(String text) {
        return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
    }

    /** Then come the messages of connections. */
    void write(byte[] message, int length) throws IOException {
        output.writeInt(length);
        output.write(message, 0, length);
    }

    /** Ends. */
    void end() throws IOException {
        output.writeInt(0);
        output.writeLong(sum.getValue());
        output.flush();
    }
}
