package io.weir.control.check.probe;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.weir.control.check.probe.ProbeRunner.Attempt;
import io.weir.control.config.LoadConfig;
import io.weir.dataplane.service.ServerId;

import java.io.IOException;
import java.util.function.Consumer;

/** Asks real servers for their load. */
public final class LoadRunner {
    private final TcpConnector connector;
    private final ProgramPool programs;

    LoadRunner(TcpConnector connector, ProgramPool programs) {
        this.connector = connector;
        this.programs = programs;
    }

    /**
     * Asks once.
     *
     * @param answer hears once, on the loop
     * @return what ends it early
     */
    public Attempt start(
            LoadConfig load, ServerId server, EventLoop loop, Consumer<LoadAnswer> answer) {
        return switch (load.source()) {
            case COMMAND ->
                    programs.run(
                            load.command(),
                            server.address(),
                            server.port(),
                            loop,
                            end -> answer.accept(read(end)));
            case HTTP, AGENT ->
                    connect(
                            load,
                            server,
                            loop,
                            new LoadConversation(
                                    load, server, result -> answer.accept(read(result))));
        };
    }

    private Attempt connect(
            LoadConfig load, ServerId server, EventLoop loop, LoadConversation conversation) {
        ChannelInitializer<Channel> pipeline =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        conversation.decoders().forEach(channel.pipeline()::addLast);
                        channel.pipeline().addLast(conversation);
                    }
                };
        conversation.use(
                connector.connect(
                        loop,
                        SocketFault.address(server.address(), load.port()),
                        pipeline,
                        conversation::begin,
                        conversation::failed));
        return conversation;
    }

    private static LoadAnswer read(ProbeResult answer) {
        return answer.passed()
                ? LoadAnswer.read(LoadText.anywhere(answer.detail()), answer.detail())
                : LoadAnswer.missing(answer.detail());
    }

    private static LoadAnswer read(ProgramPool.End end) {
        return switch (end) {
            case ProgramPool.End.Refusal(IOException reason) ->
                    LoadAnswer.missing(SocketFault.words(reason));
            case ProgramPool.End.Exit(int code, String output) ->
                    code == 0
                            ? LoadAnswer.read(LoadText.inLine(output), output)
                            : LoadAnswer.missing(
                                    "exit code " + code + ", " + ExpectedText.shown(output));
        };
    }
}
