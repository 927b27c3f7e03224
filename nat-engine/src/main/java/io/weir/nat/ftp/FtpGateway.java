package io.weir.nat.ftp;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.spi.ApplicationGateway;
import io.weir.dataplane.spi.Expectations;
import io.weir.dataplane.spi.GatewayContext;

import org.jspecify.annotations.Nullable;

/**
 * Follows FTP control connections to virtual port {@value #CONTROL_PORT} (lvs-features.md 6.8;
 * recorded: ftp-nat).
 *
 * <p>A 227 reply gets the virtual address, and its port is expected from the client; so is that of
 * a 229 reply, which names no address. PORT and EPRT let the server's data connection, from the
 * port before its control port, go on from the virtual address. Sequence numbers follow what the
 * text has grown by. A text that is spread over two segments is not understood. A reply that comes
 * again is translated as before, unlike the kernel's, which gives the server's own address away
 * then (docs/decisions/ftp-helper.md).
 *
 * <p>Each control connection has at most one data connection that has not come yet: a new command
 * takes the place of the one before (RFC 959 3.2). Owned by the worker.
 */
public final class FtpGateway implements ApplicationGateway {
    /** The virtual port of the connections that it follows. */
    public static final int CONTROL_PORT = 21;

    /** The most control connections that have asked for a data connection. */
    static final int SESSIONS = 1 << 14;

    /** What another balancer may say that replies have grown by in a connection's whole life. */
    private static final int MOST_SHIFT = 1 << 20;

    private final ConnectionTable connections;
    private final Expectations expectations;
    private final DropCounters drops;
    private final FtpSessions sessions;
    private final FtpText text = new FtpText();
    private final Endpoints ends = new Endpoints();

    public FtpGateway(GatewayContext context) {
        this(context, SESSIONS);
    }

    FtpGateway(GatewayContext context, int mostSessions) {
        connections = context.connections();
        expectations = context.expectations();
        drops = context.drops();
        sessions = new FtpSessions(mostSessions);
    }

    @Override
    public boolean follows(int protocol, int virtualPort) {
        return virtualPort == CONTROL_PORT && protocol == Ipv4.PROTOCOL_TCP;
    }

    @Override
    public void follow(Packet packet) {
        int headerBytes = Tcp.headerBytes(packet.transport());
        if (headerBytes < Tcp.MIN_HEADER_BYTES || headerBytes > packet.transportBytes()) {
            return;
        }
        FtpSession session = sessions.find(packet.connection());
        if (!packet.reply()) {
            followClient(packet, session);
        } else if (session != null) {
            followServer(packet, session);
        }
    }

    private void followClient(Packet packet, @Nullable FtpSession session) {
        if (session != null && session.clientAdjustment().active()) {
            AdjustedHeader.sequence(packet, session.clientAdjustment());
        }
        if (session != null && session.adjustment().active()) {
            AdjustedHeader.acknowledgement(packet, session.adjustment());
        }
        int headerBytes = Tcp.headerBytes(packet.transport());
        int bytes = packet.transportBytes() - headerBytes;
        if (bytes == 0) {
            return;
        }
        int command = text.readCommand(packet.transport() + headerBytes, bytes);
        if (command == FtpText.NONE) {
            return;
        }
        FtpSession asking = session == null ? sessions.claim(packet.connection()) : session;
        if (asking == null) {
            drops.drop(packet, DropReason.FTP_LIMIT);
        } else if (command == FtpText.PASV) {
            asking.await(FtpText.PASSIVE);
        } else if (command == FtpText.EPSV) {
            asking.await(FtpText.EXTENDED_PASSIVE);
        } else if (!expectFromServer(packet.connection(), asking)) {
            drops.drop(packet, DropReason.FTP_LIMIT);
        }
    }

    // The client's word for its address is taken: it may want the data to go to another host.
    private boolean expectFromServer(int control, FtpSession session) {
        if (text.ipv6() != connections.ipv6(control)) {
            return true;
        }
        if (text.ipv6()) {
            ends.setV6(
                    Ipv4.PROTOCOL_TCP,
                    text.addressHigh(),
                    text.addressLow(),
                    connections.virtualHigh(control),
                    connections.virtualLow(control));
        } else {
            int client = (int) text.addressLow();
            ends.setV4(Ipv4.PROTOCOL_TCP, client, connections.virtual(control));
        }
        ends.setPorts(text.port(), connections.virtualPort(control) - 1);
        withdraw(session);
        int serverPort = connections.serverPort(control) - 1 & 0xffff;
        int slot = expectations.expectFromServer(control, ends, serverPort);
        session.setExpected(slot);
        return slot != ConnectionTable.NONE;
    }

    // A new one takes the place of one that has not come.
    private void withdraw(FtpSession session) {
        int slot = session.expected();
        session.setExpected(ConnectionTable.NONE);
        if (slot != ConnectionTable.NONE) {
            expectations.withdraw(slot);
        }
    }

    private void followServer(Packet packet, FtpSession session) {
        long tcp = packet.transport();
        // A new connection between the same endpoints has begun.
        if ((packet.tcpFlags() & Tcp.SYN) != 0) {
            sessions.release(packet.connection());
            return;
        }
        int sequence = Tcp.sequence(tcp);
        int headerBytes = Tcp.headerBytes(tcp);
        int bytes = packet.transportBytes() - headerBytes;
        if (bytes > 0) {
            int lastByte = Memory.u8(tcp + headerBytes + bytes - 1);
            int reply = text.readReply(tcp + headerBytes, bytes);
            if (reply != FtpText.NONE) {
                take(packet, session, reply, sequence + text.lineAt());
            }
            session.sent(sequence, bytes, lastByte);
        }
        if (packet.verdict() == Verdict.DROP) {
            return;
        }
        if (session.adjustment().active()) {
            AdjustedHeader.sequence(packet, session.adjustment());
        }
        if (session.clientAdjustment().active()) {
            AdjustedHeader.acknowledgement(packet, session.clientAdjustment());
        }
    }

    private void take(Packet packet, FtpSession session, int reply, int sequence) {
        boolean again = session.repeats(sequence);
        if (!again) {
            if (!session.answers(reply, sequence, text.lineAt() > 0)) {
                return;
            }
            if (!expectFromClient(packet.connection(), session, reply)) {
                drops.drop(packet, DropReason.FTP_LIMIT);
                return;
            }
            session.answered(sequence);
        }
        if (reply == FtpText.PASSIVE && !packet.ipv6()) {
            int growth = translate(packet);
            if (!again && growth != 0) {
                session.adjustment().replaced(sequence, lineBytes(packet) - growth, growth);
            }
        }
    }

    private int lineBytes(Packet packet) {
        return packet.transportBytes() - Tcp.headerBytes(packet.transport()) - text.lineAt();
    }

    private boolean expectFromClient(int control, FtpSession session, int reply) {
        IpAddress server = null;
        if (reply == FtpText.PASSIVE) {
            if (connections.ipv6(control)) {
                return true;
            }
            // The server may name another host for its data (recorded: ftp-nat-2).
            int named = (int) text.addressLow();
            server = named == connections.server(control) ? null : IpAddress.v4(named);
        }
        withdraw(session);
        int slot = expectations.expectFromClient(control, server, text.port());
        session.setExpected(slot);
        return slot != ConnectionTable.NONE;
    }

    /** Puts the virtual address into a 227 reply; returns by how much it has become longer. */
    private int translate(Packet packet) {
        int virtual = connections.virtual(packet.connection());
        int at = Tcp.headerBytes(packet.transport()) + text.addressAt();
        int growth = ReplacedText.bytes(virtual) - text.addressBytes();
        return ReplacedText.replace(packet, at, text.addressBytes(), virtual) ? growth : 0;
    }

    @Override
    public int shifts(int slot, int[] numbers) {
        FtpSession session = sessions.find(slot);
        if (session == null) {
            return 0;
        }
        tell(session.clientAdjustment(), numbers, 0);
        tell(session.adjustment(), numbers, 3);
        return (session.clientAdjustment().active() ? SHIFTS_CLIENT : 0)
                | (session.adjustment().active() ? SHIFTS_SERVER : 0);
    }

    private static void tell(SequenceAdjustment adjustment, int[] numbers, int at) {
        numbers[at] = adjustment.initial();
        numbers[at + 1] = adjustment.delta();
        numbers[at + 2] = adjustment.previousDelta();
    }

    @Override
    public void takeShifts(int slot, int directions, int[] numbers) {
        FtpSession session = sessions.claim(slot);
        if (session == null) {
            return;
        }
        if ((directions & SHIFTS_CLIENT) != 0) {
            take(session.clientAdjustment(), numbers, 0);
        }
        if ((directions & SHIFTS_SERVER) != 0) {
            take(session.adjustment(), numbers, 3);
        }
    }

    // The kernel's version 1 sends what happens to be in its memory (recorded: inject-relayftp-1).
    private static void take(SequenceAdjustment adjustment, int[] numbers, int at) {
        int shift = numbers[at + 1];
        int previous = numbers[at + 2];
        if (Math.abs((long) shift) <= MOST_SHIFT && Math.abs((long) previous) <= MOST_SHIFT) {
            adjustment.resume(numbers[at], shift, previous);
        }
    }

    @Override
    public void ended(int slot) {
        FtpSession session = sessions.find(connections.controller(slot));
        if (session != null && session.expected() == slot) {
            session.setExpected(ConnectionTable.NONE);
        }
        if (connections.has(slot, ConnectionTable.FLAG_FOLLOWED)) {
            sessions.release(slot);
        }
    }
}
