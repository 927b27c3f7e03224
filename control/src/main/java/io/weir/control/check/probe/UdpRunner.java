package io.weir.control.check.probe;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.Probe;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Sends a datagram and looks at the answer, or contents itself with nobody objecting. */
final class UdpRunner implements ProbeRunner {
    private static final Duration OBJECTION_LIMIT = Duration.ofSeconds(1);

    private final UdpConnector connector;

    UdpRunner(UdpConnector connector) {
        this.connector = connector;
    }

    @Override
    public Attempt start(CheckConfig check, EventLoop loop, ResultSink result) {
        DatagramConversation conversation =
                switch (check.probe()) {
                    case Probe.SendExpect exchange -> new Exchange(exchange, result);
                    case Probe.Datagram datagram -> new Notice(datagram, check, result);
                    default -> throw new IllegalArgumentException(check.probe().toString());
                };
        conversation.use(
                connector.connect(
                        loop,
                        SocketFault.address(check.address(), check.port()),
                        conversation,
                        conversation::begin,
                        conversation::failed));
        return conversation;
    }

    /** As nanny has it: there is always to be an answer. */
    private static final class Exchange extends DatagramConversation {
        private final Probe.SendExpect exchange;

        Exchange(Probe.SendExpect exchange, ResultSink result) {
            super(exchange.send(), result);
            this.exchange = exchange;
        }

        @Override
        void begin(Channel channel) {
            // Without anything to send one can still wait for a server that speaks by itself.
            if (!exchange.send().isEmpty()) {
                send(channel);
            }
        }

        @Override
        void answered(String answer) {
            String fault =
                    answer.isEmpty()
                            ? "empty answer"
                            : ExpectedText.fault(exchange.expect(), answer);
            if (fault == null) {
                passed(answer.length() + " bytes");
            } else {
                failed(fault);
            }
        }
    }

    /** As keepalived's UDP_CHECK has it: silence can be good, too. */
    private static final class Notice extends DatagramConversation {
        private final Probe.Datagram datagram;
        private final CheckConfig check;

        Notice(Probe.Datagram datagram, CheckConfig check, ResultSink result) {
            super(datagram.payload(), result);
            this.datagram = datagram;
            this.check = check;
        }

        @Override
        void begin(Channel channel) {
            send(channel);
            if (!datagram.answerRequired()) {
                // Whoever does not want it says so by ICMP after one round trip.
                Duration half = check.timing().timeout().dividedBy(2);
                Duration wait = half.compareTo(OBJECTION_LIMIT) < 0 ? half : OBJECTION_LIMIT;
                var _ =
                        channel.eventLoop()
                                .schedule(
                                        () -> passed("sent, nobody objected"),
                                        wait.toNanos(),
                                        TimeUnit.NANOSECONDS);
            }
        }

        @Override
        void answered(String answer) {
            int bytes = answer.length();
            if (bytes < datagram.minAnswerBytes() || bytes > datagram.maxAnswerBytes()) {
                failed(
                        "answer has "
                                + bytes
                                + " bytes, expected "
                                + datagram.minAnswerBytes()
                                + " to "
                                + datagram.maxAnswerBytes());
            } else {
                passed(bytes + " bytes");
            }
        }
    }
}
