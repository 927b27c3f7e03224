package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.packet.PacketBurst;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * The AF_XDP sockets of one worker on one interface, one for each receive queue. Frames leave by
 * one of them.
 */
final class QueueSet implements AutoCloseable {
    private final FramePool pool;
    private final int worker;
    private final SharedQueues shared;
    private final List<Member> members = new ArrayList<>();
    private @Nullable Way out;

    private record Member(XdpSocket socket, XdpQueue queue) {}

    private record Way(XdpSocket socket, XdpSender sender) {}

    /**
     * Makes a set without sockets.
     *
     * @param shared told when the set is closed
     */
    QueueSet(FramePool pool, int worker, SharedQueues shared) {
        this.pool = pool;
        this.worker = worker;
        this.shared = shared;
    }

    /**
     * Adds the worker's socket of a receive queue, the next by number.
     *
     * @param owner the interface's number, for which the frames are reserved
     */
    void add(XdpSocket socket, QueueRings rings, int owner, int receiveFrames) {
        members.add(
                new Member(
                        socket,
                        new XdpQueue(pool, owner, rings, socket.received(), receiveFrames)));
        RingMemory transmit = socket.transmit();
        if (transmit != null) {
            out = new Way(socket, new XdpSender(pool, owner, rings, transmit));
        }
    }

    /** How many receive queues the worker has. */
    int queues() {
        return members.size();
    }

    /** Whether frames can leave by one of the sockets. */
    boolean sends() {
        return out != null;
    }

    boolean zeroCopy() {
        return members.getFirst().socket.zeroCopy();
    }

    int[] descriptors() {
        return members.stream().mapToInt(member -> member.socket.descriptor()).toArray();
    }

    /** Gives the kernel frames, then the program the sockets; called once, by the worker. */
    void start(XdpProgram program) {
        pool.reclaim();
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            refill(member);
            program.direct(worker, i, member.socket);
        }
    }

    private static void refill(Member member) {
        if (member.queue.refill()) {
            member.socket.wake();
        }
    }

    /** Adds waiting frames to the burst until it is full. */
    void receive(PacketBurst burst) {
        for (int i = 0; i < members.size() && !burst.isFull(); i++) {
            Member member = members.get(i);
            if (member.queue.owes()) {
                refill(member);
            }
            member.queue.receive(burst);
        }
    }

    /** Queues a plain frame; false if there is no room. */
    boolean transmit(long address, int length) {
        Way way = out;
        return way != null && way.sender.transmit(address, length);
    }

    /** Hands what is queued to the kernel; returns how many frames that were. */
    int flush() {
        Way way = out;
        int frames = way == null ? 0 : way.sender.queued();
        if (way != null && frames > 0) {
            if (way.sender.publish()) {
                way.socket.send(way.sender);
            }
            way.sender.complete();
        }
        return frames;
    }

    /** Ends the worker's use of what was received. */
    void release() {
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            if (member.queue.release()) {
                member.socket.wake();
            }
        }
    }

    /** Bytes received since the last call. */
    long takeBytes() {
        long bytes = 0;
        for (int i = 0; i < members.size(); i++) {
            bytes += members.get(i).queue.takeBytes();
        }
        return bytes;
    }

    /** Frames that the kernel has dropped for want of room since the sockets were opened. */
    long drops() {
        return members.stream().mapToLong(member -> member.socket.drops()).sum();
    }

    /** Frames that the kernel has refused to send. */
    long refusals() {
        return members.stream().mapToLong(member -> member.socket.refusals()).sum();
    }

    /** Closes the sockets; the worker takes their frames back when it next looks. */
    @Override
    public void close() {
        Way way = out;
        int lent = way == null ? 0 : way.sender.lent();
        boolean zeroCopy = false;
        for (Member member : members) {
            member.socket.close();
            lent += member.queue.lent();
            zeroCopy |= member.socket.zeroCopy();
        }
        members.clear();
        out = null;
        shared.left(worker, lent, zeroCopy);
    }
}
