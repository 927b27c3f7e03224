package io.weir.control.handover;

import io.weir.control.check.Health;
import io.weir.control.check.ServerHealth;
import io.weir.control.check.ServerKey;
import io.weir.dataplane.director.SavedConnections;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UTFDataFormatException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/** Reads what {@link StateWriter} has written; anything else is told from it. */
final class StateReader {
    /** How old a state may be: connections and servers go on without us meanwhile. */
    static final long MOST_MILLIS = 60_000;

    private final CRC32C sum = new CRC32C();
    private final DataInputStream input;

    /**
     * Reads from a stream.
     *
     * @param from needs a limit of its own; what is kept is no larger than what is read
     */
    StateReader(InputStream from) {
        input = new DataInputStream(new CheckedInputStream(from, sum));
    }

    /**
     * Reads everything.
     *
     * @param cookie the namespace's
     * @throws IOException if it is not a whole, fresh state of this namespace; says in a few words
     *     why
     */
    SavedState read(long cookie, Moment now) throws IOException {
        try {
            if (input.readInt() != StateWriter.MAGIC) {
                throw new IOException("it is something else");
            }
            int version = input.readUnsignedShort();
            if (version != StateWriter.VERSION) {
                throw new IOException("it is of version " + version);
            }
            if (input.readLong() != cookie) {
                throw new IOException("it is of another network namespace");
            }
            Moment written = new Moment(input.readLong(), input.readLong());
            if (!written.isWithin(MOST_MILLIS, now)) {
                throw new IOException("it is older than " + MOST_MILLIS / 1000 + " s");
            }
            SavedState state = new SavedState(servers(), messages());
            long expected = sum.getValue();
            if (input.readLong() != expected || input.read() >= 0) {
                throw new IOException("it is damaged");
            }
            return state;
        } catch (EOFException | UTFDataFormatException e) {
            throw new IOException("it is damaged", e);
        }
    }

    private List<ServerHealth> servers() throws IOException {
        int count = within(input.readInt(), StateWriter.MOST_SERVERS);
        List<ServerHealth> servers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ServiceId service =
                    new ServiceId(
                            input.readUnsignedByte(),
                            address(),
                            within(input.readInt(), 0xffff),
                            input.readInt());
            ServerId server = new ServerId(address(), within(input.readInt(), 0xffff));
            servers.add(
                    new ServerHealth(
                            new ServerKey(service, server),
                            health(),
                            Instant.ofEpochMilli(input.readLong()),
                            checks()));
        }
        return servers;
    }

    private List<ServerHealth.CheckHealth> checks() throws IOException {
        int count = within(input.readUnsignedByte(), StateWriter.MOST_CHECKS);
        List<ServerHealth.CheckHealth> checks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            checks.add(
                    new ServerHealth.CheckHealth(
                            input.readUTF(),
                            health(),
                            input.readUTF(),
                            within(input.readInt(), Integer.MAX_VALUE),
                            within(input.readInt(), Integer.MAX_VALUE),
                            input.readLong()));
        }
        return checks;
    }

    private IpAddress address() throws IOException {
        boolean ipv6 = within(input.readUnsignedByte(), 1) == 1;
        long high = input.readLong();
        long low = input.readLong();
        if (!ipv6 && (high != 0 || low >>> 32 != 0)) {
            throw new IOException("it is damaged");
        }
        return new IpAddress(ipv6, high, low);
    }

    private Health health() throws IOException {
        Health[] all = Health.values();
        return all[within(input.readUnsignedByte(), all.length - 1)];
    }

    private List<byte[]> messages() throws IOException {
        List<byte[]> messages = new ArrayList<>();
        int length = within(input.readInt(), SavedConnections.MOST_BYTES);
        while (length > 0) {
            byte[] message = new byte[length];
            input.readFully(message);
            messages.add(message);
            length = within(input.readInt(), SavedConnections.MOST_BYTES);
        }
        return messages;
    }

    private static int within(int number, int most) throws IOException {
        if (number < 0 || number > most) {
            throw new IOException("it is damaged");
        }
        return number;
    }
}
