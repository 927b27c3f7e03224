package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.io.steering.SocketMap;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.Ethtool;
import io.weir.dataplane.sys.SystemCallException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The AF_XDP sockets of one worker on one interface, one for each receive queue that it has; it may
 * have none. Frames leave by the first.
 */
final class QueueSet implements AutoCloseable {
    /** Frames that a worker receives into, shared by its queues: 4 ms at a million a second. */
    private static final int RECEIVE_FRAMES = 4096;

    /** Frames under way, until the peer of a veth has taken them. */
    private static final int SEND_FRAMES = 1024;

    private final FramePool pool;
    private final int worker;
    private final int receiveFrames;
    private final int transmitQueues;
    private final List<Member> members = new ArrayList<>();

    private record Member(int number, XdpSocket socket, XdpQueue queue, int owner) {}

    private QueueSet(FramePool pool, int worker, int receiveFrames, int transmitQueues) {
        this.pool = pool;
        this.worker = worker;
        this.receiveFrames = receiveFrames;
        this.transmitQueues = transmitQueues;
    }

    /**
     * Opens sockets, to which nothing is directed yet. The queues are dealt out among the workers.
     *
     * @param pools the workers' frames, by their numbers
     * @param queues what the interface has; from the first one on that cannot be had they are left
     *     out, as those are beyond the most
     * @return a set for each worker
     * @throws IOException if the first queue cannot be had
     */
    static List<QueueSet> open(
            List<FramePool> pools,
            int linkIndex,
            Ethtool.Queues queues,
            boolean copy,
            String purpose)
            throws IOException {
        int count = Math.min(queues.receive(), SocketMap.MOST_QUEUES);
        int each = Math.ceilDiv(count, pools.size());
        int share = Integer.highestOneBit(RECEIVE_FRAMES / each);
        List<QueueSet> sets = new ArrayList<>();
        for (FramePool pool : pools) {
            sets.add(new QueueSet(pool, sets.size(), share, queues.transmit()));
        }
        for (int queue = 0; queue < count; queue++) {
            try {
                sets.get(queue % sets.size()).add(linkIndex, queue, copy, purpose);
            } catch (IOException e) {
                if (queue == 0) {
                    throw e;
                }
                break;
            }
        }
        return sets;
    }

    private void add(int linkIndex, int number, boolean copy, String purpose) throws IOException {
        int owner = pool.reserve(reservation());
        if (owner == FramePool.NO_OWNER) {
            throw new IOException(
                    "cannot " + purpose + ": the memory for frames is taken by other interfaces");
        }
        try {
            XdpSocket socket =
                    XdpSocket.open(
                            pool, linkIndex, number, copy, receiveFrames, SEND_FRAMES, purpose);
            XdpQueue queue = new XdpQueue(pool, owner, socket.rings(), receiveFrames);
            members.add(new Member(number, socket, queue, owner));
        } catch (SystemCallException e) {
            pool.retire(owner, reservation(), false);
            throw e;
        }
    }

    private int reservation() {
        return receiveFrames + SEND_FRAMES;
    }

    /** How many receive queues the worker has. */
    int queues() {
        return members.size();
    }

    /** Whether frames can leave: a queue may be there to receive only. */
    boolean sends() {
        return !members.isEmpty() && members.getFirst().number < transmitQueues;
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
            if (member.queue.refill()) {
                member.socket.wake();
            }
            program.direct(worker, member.number, member.socket);
        }
    }

    /** Adds waiting frames to the burst until it is full. */
    void receive(PacketBurst burst) {
        for (int i = 0; i < members.size() && !burst.isFull(); i++) {
            members.get(i).queue.receive(burst);
        }
    }

    /** Queues a plain frame; false if there is no room. */
    boolean transmit(long address, int length) {
        return members.getFirst().queue.transmit(address, length);
    }

    /** Hands what is queued to the kernel; returns how many frames that were. */
    int flush() {
        Member member = members.getFirst();
        int frames = member.queue.queued();
        if (frames > 0) {
            if (member.queue.publish()) {
                member.socket.send(member.queue);
            }
            member.queue.complete();
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
        for (Member member : members) {
            member.socket.close();
            pool.retire(member.owner, reservation(), member.socket.zeroCopy());
        }
        members.clear();
    }
}
