package io.weir.control.check.probe;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DatagramDnsQueryEncoder;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.TcpDnsQueryEncoder;
import io.netty.handler.codec.dns.TcpDnsResponseDecoder;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.Probe;

import java.net.InetSocketAddress;

/**
 * Asks a name server a question. A response without an error is good, with records or without, as
 * for keepalived's DNS_CHECK: the check asks for the server, not for the name.
 */
final class DnsRunner implements ProbeRunner {
    // Over TCP; a datagram is smaller anyway. RFC 1035 §4.2.2.
    private static final int MESSAGE_LIMIT_BYTES = (1 << 16) + 2;

    private final TcpConnector tcp;
    private final UdpConnector udp;

    DnsRunner(TcpConnector tcp, UdpConnector udp) {
        this.tcp = tcp;
        this.udp = udp;
    }

    @Override
    public Attempt start(CheckConfig check, EventLoop loop, ResultSink result) {
        Probe.Dns asked = (Probe.Dns) check.probe();
        DnsQuestion question;
        try {
            question = new DefaultDnsQuestion(asked.name(), DnsRecordType.valueOf(asked.type()));
        } catch (IllegalArgumentException e) {
            result.ended(ProbeResult.failed("no question can be made: " + SocketFault.words(e)));
            return () -> {};
        }
        InetSocketAddress server = SocketFault.address(check.address(), check.port());
        DnsConversation conversation = new DnsConversation(question, asked.tcp(), server, result);
        ChannelInitializer<Channel> pipeline =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        addCodec(channel.pipeline(), asked.tcp());
                        channel.pipeline().addLast(conversation);
                    }
                };
        conversation.use(
                asked.tcp()
                        ? tcp.connect(
                                loop, server, pipeline, conversation::begin, conversation::failed)
                        : udp.connect(
                                loop, server, pipeline, conversation::begin, conversation::failed));
        return conversation;
    }

    private static void addCodec(ChannelPipeline pipeline, boolean tcp) {
        if (tcp) {
            pipeline.addLast(
                    new TcpDnsResponseDecoder(DnsRecordDecoder.DEFAULT, MESSAGE_LIMIT_BYTES),
                    new TcpDnsQueryEncoder());
        } else {
            pipeline.addLast(new DatagramDnsResponseDecoder(), new DatagramDnsQueryEncoder());
        }
    }
}
