package io.weir.control.check.probe;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/** Where checks get their sockets from: epoll on Linux, and Java's own selector elsewhere. */
public enum ProbeTransport {
    EPOLL,
    NIO;

    /** The better one of those that work on this machine. */
    public static ProbeTransport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    /** Makes event loops. */
    public IoHandlerFactory ioHandlers() {
        return this == EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    /** The class of TCP sockets. */
    public Class<? extends SocketChannel> tcp() {
        return this == EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /** The class of UDP sockets. */
    public Class<? extends DatagramChannel> udp() {
        return this == EPOLL ? EpollDatagramChannel.class : NioDatagramChannel.class;
    }
}
