package io.weir.control.check.probe;

import io.netty.channel.EventLoop;
import io.weir.control.config.CheckConfig;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Sends echo requests and waits for the replies: over one socket for each family, whose replies one
 * thread hears. Opens them for the first ping.
 */
final class PingRunner implements ProbeRunner, AutoCloseable {
    /** As many as there are sequence numbers. */
    private static final int LIMIT = 1 << 16;

    private final SecureRandom random = new SecureRandom();
    private final int identifier = random.nextInt(1 << 16);
    private final Map<Integer, Ping> pending = new ConcurrentHashMap<>();
    private @Nullable EchoListener listener;
    private int sequence;
    private boolean closed;

    /** A ping on its way. */
    private record Ping(
            EchoMessage message, IpAddress to, long startNanos, EventLoop loop, ResultSink result) {
        void replied() {
            long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startNanos);
            result.ended(
                    ProbeResult.passed(
                            "reply after " + micros / 1000 + "." + micros % 1000 / 100 + " ms"));
        }
    }

    @Override
    public Attempt start(CheckConfig check, EventLoop loop, ResultSink result) {
        IpAddress to = check.address();
        Ping ping;
        try {
            EchoSocket socket = listener().socket(to.ipv6());
            Ping made = enter(to, loop, result);
            if (made == null) {
                result.ended(ProbeResult.notMade("too many pings at the same time"));
                return () -> {};
            }
            ping = made;
            int sent = socket.send(ping.message(), to);
            if (sent < 0) {
                pending.remove(ping.message().sequence());
                result.ended(ProbeResult.failed("cannot send: " + Errno.name(-sent)));
            }
        } catch (SystemCallException e) {
            result.ended(ProbeResult.notMade(SocketFault.words(e)));
            return () -> {};
        }
        return () -> pending.remove(ping.message().sequence(), ping);
    }

    private synchronized EchoListener listener() throws SystemCallException {
        EchoListener known = listener;
        if (known == null || closed) {
            known = EchoListener.open(this::heard);
            listener = known;
        }
        return known;
    }

    private synchronized @Nullable Ping enter(IpAddress to, EventLoop loop, ResultSink result) {
        if (pending.size() >= LIMIT / 2) {
            return null;
        }
        do {
            sequence = (sequence + 1) % LIMIT;
        } while (pending.containsKey(sequence));
        EchoMessage message = new EchoMessage(identifier, sequence, random.nextLong());
        Ping ping = new Ping(message, to, System.nanoTime(), loop, result);
        pending.put(sequence, ping);
        return ping;
    }

    // A datagram socket hears its own replies only, under an identifier of the kernel's.
    private void heard(EchoMessage reply, boolean keepsIdentifier, boolean ipv6) {
        Ping ping = pending.get(reply.sequence());
        if (ping != null
                && ping.to().ipv6() == ipv6
                && ping.message().token() == reply.token()
                && (!keepsIdentifier || reply.identifier() == identifier)
                && pending.remove(reply.sequence(), ping)) {
            ping.loop().execute(ping::replied);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        EchoListener open = listener;
        if (open != null) {
            open.close();
        }
    }
}
