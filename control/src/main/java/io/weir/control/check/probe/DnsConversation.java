package io.weir.control.check.probe;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DefaultDnsQuery;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.util.ReferenceCountUtil;

import java.net.InetSocketAddress;
import java.security.SecureRandom;

/** A question to a name server and its response. */
final class DnsConversation extends Conversation {
    // Whoever guesses the number can answer in the server's place; RFC 5452 §4.3.
    private static final SecureRandom NUMBERS = new SecureRandom();

    private final DnsQuestion question;
    private final boolean tcp;
    private final InetSocketAddress server;
    private final int id = NUMBERS.nextInt(1 << 16);

    DnsConversation(
            DnsQuestion question,
            boolean tcp,
            InetSocketAddress server,
            ProbeRunner.ResultSink result) {
        super(result);
        this.question = question;
        this.tcp = tcp;
        this.server = server;
    }

    @Override
    void begin(Channel channel) {
        DnsQuery query = tcp ? new DefaultDnsQuery(id) : new DatagramDnsQuery(null, server, id);
        query.setRecursionDesired(true).setRecord(DnsSection.QUESTION, question);
        var _ =
                channel.writeAndFlush(query)
                        .addListener(
                                sent -> {
                                    if (!sent.isSuccess()) {
                                        failed(SocketFault.words(sent.cause()));
                                    }
                                });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            // Anything else is not the answer, which may still be on its way.
            if (message instanceof DnsResponse response
                    && response.id() == id
                    && repeatsTheQuestion(response)) {
                take(response);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    // An error can come without the question, from a server that did not understand it.
    private boolean repeatsTheQuestion(DnsResponse response) {
        if (response.count(DnsSection.QUESTION) == 0) {
            return response.code().intValue() != DnsResponseCode.NOERROR.intValue();
        }
        DnsRecord repeated = response.recordAt(DnsSection.QUESTION);
        return repeated.name().equalsIgnoreCase(question.name())
                && repeated.type().equals(question.type());
    }

    private void take(DnsResponse response) {
        if (response.code().intValue() == DnsResponseCode.NOERROR.intValue()) {
            passed(response.count(DnsSection.ANSWER) + " records");
        } else {
            failed("response " + response.code());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable fault) {
        if (fault instanceof io.netty.handler.codec.DecoderException) {
            failed("not a DNS response: " + SocketFault.words(fault));
        } else {
            super.exceptionCaught(context, fault);
        }
    }

    @Override
    String missing() {
        return "no response";
    }
}
