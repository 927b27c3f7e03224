package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.io.steering.SocketMap;
import io.weir.dataplane.sys.Ethtool;
import io.weir.dataplane.sys.SystemCallException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens the AF_XDP sockets of an interface: one for each worker and receive queue, of which each
 * worker's are a {@link QueueSet}. Gives their frames back when all sets are closed.
 */
final class SharedQueues {
    /** Frames that a worker receives into, shared by its queues: 4 ms at a million a second. */
    private static final int RECEIVE_FRAMES = 4096;

    /** Frames of a worker under way, until the peer of a veth has taken them. */
    private static final int SEND_FRAMES = 1024;

    private static final int FEWEST_COMPLETIONS = 64;

    private final FrameMemory memory;
    private final int owner;
    private final int queues;
    private final int senders;
    private final int receiveFrames;
    private final List<QueueSet> sets = new ArrayList<>();

    // Guarded by this.
    private final int[] lent;
    private int open;
    private boolean resting;

    private SharedQueues(FrameMemory memory, int owner, Ethtool.Queues found) {
        this.memory = memory;
        this.owner = owner;
        queues = Math.min(found.receive(), SocketMap.MOST_QUEUES);
        senders = Math.min(found.transmit(), queues);
        receiveFrames = Integer.highestOneBit(RECEIVE_FRAMES / queues);
        for (FramePool pool : memory.pools()) {
            sets.add(new QueueSet(pool, sets.size(), this));
        }
        open = sets.size();
        lent = new int[open];
    }

    /**
     * Opens sockets, to which nothing is directed yet.
     *
     * @param found the queues of the interface; from the first one on that cannot be had they are
     *     left out, as those are beyond the most
     * @return each worker's, by its number
     * @throws IOException if the first queue cannot be had
     */
    static List<QueueSet> open(
            FrameMemory memory, int linkIndex, Ethtool.Queues found, boolean copy, String purpose)
            throws IOException {
        int owner = memory.reserve(RECEIVE_FRAMES + SEND_FRAMES);
        if (owner == FrameMemory.NO_OWNER) {
            throw new IOException(
                    "cannot " + purpose + ": the memory for frames is taken by other interfaces");
        }
        SharedQueues shared = new SharedQueues(memory, owner, found);
        for (int queue = 0; queue < shared.queues; queue++) {
            try {
                shared.add(new XdpSocket.Place(linkIndex, queue, copy, purpose));
            } catch (SystemCallException e) {
                if (queue == 0) {
                    shared.sets.forEach(QueueSet::close);
                    throw e;
                }
                break;
            }
        }
        return shared.sets;
    }

    private void add(XdpSocket.Place place) throws SystemCallException {
        int queue = place.queue();
        int workers = sets.size();
        int sending = 0;
        for (int worker = 0; worker < workers; worker++) {
            sending += leavesBy(worker, queue) ? SEND_FRAMES : 0;
        }
        XdpSocket.Sizes sizes =
                new XdpSocket.Sizes(
                        receiveFrames,
                        SEND_FRAMES,
                        powerOfTwo(receiveFrames * workers),
                        powerOfTwo(Math.max(FEWEST_COMPLETIONS, sending)));
        List<XdpSocket> opened = new ArrayList<>();
        try {
            for (int worker = 0; worker < workers; worker++) {
                boolean sends = leavesBy(worker, queue);
                opened.add(
                        worker == 0
                                ? XdpSocket.open(memory, place, sizes, sends)
                                : opened.getFirst().share(place, sizes, sends));
            }
        } catch (SystemCallException e) {
            opened.forEach(XdpSocket::close);
            throw e;
        }
        QueueRings rings = opened.getFirst().sharedRings(workers > 1);
        for (int worker = 0; worker < workers; worker++) {
            sets.get(worker).add(opened.get(worker), rings, owner, receiveFrames);
        }
    }

    private static int powerOfTwo(int atLeast) {
        return Integer.highestOneBit(2 * atLeast - 1);
    }

    /** A worker's frames leave by one queue. */
    private boolean leavesBy(int worker, int queue) {
        return worker % senders == queue;
    }

    /**
     * A worker's sockets are closed.
     *
     * @param frames how many it had lent the kernel
     * @param zeroCopy whether the hardware may still write to them
     */
    synchronized void left(int worker, int frames, boolean zeroCopy) {
        lent[worker] = frames;
        resting |= zeroCopy;
        open--;
        if (open == 0) {
            memory.retire(owner, RECEIVE_FRAMES + SEND_FRAMES, lent, resting);
        }
    }
}
