package io.weir.bench.workers;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.PacketBurst;

import java.util.SplittableRandom;

/**
 * A port at which TCP packets of many clients' connections arrive, in random order, for as long as
 * anybody asks; what is sent to it is counted and forgotten. Owned by the worker.
 */
final class FlowPort implements PacketPort {
    private static final int BUFFERS = 64;
    private static final int STRIDE = 2112;
    private static final int FRAME_BYTES = 60;
    private static final int IP = Ethernet.HEADER_BYTES;
    private static final int TCP = IP + 20;
    private static final int FLAGS = TCP + 13;
    private static final int ACK = 0x10;
    private static final int SYN = 0x02;
    private static final int CHOICES = 1 << 20;
    private static final int PORTS_OF_A_CLIENT = 16;
    private static final int FIRST_PORT = 1024;

    private final String name;
    private final int linkIndex;
    private final NativeBlock memory = new NativeBlock((long) BUFFERS * STRIDE);
    private final int flows;
    private final int firstClient;
    private final int[] choices = new int[CHOICES];
    private long mac;
    private long neighbour;
    private int next;
    private int flags = SYN;
    private int remaining;
    private boolean endless;
    private long sent;

    /**
     * Makes a port.
     *
     * @param flows how many connections there are
     * @param firstClient the address of the first client; each has 16 connections
     */
    FlowPort(String name, int linkIndex, int flows, int firstClient, long seed) {
        this.name = name;
        this.linkIndex = linkIndex;
        this.flows = flows;
        this.firstClient = firstClient;
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < CHOICES; i++) {
            choices[i] = flows == 0 ? 0 : random.nextInt(flows);
        }
    }

    /** Writes what all packets have in common. */
    void prepare(long from, long to, int virtual, int virtualPort) {
        neighbour = from;
        mac = to;
        for (int i = 0; i < BUFFERS; i++) {
            long frame = frame(i);
            Ethernet.setType(frame, Ethernet.TYPE_IPV4);
            Memory.putU16(frame + IP, 0x4500);
            Memory.putU16(frame + IP + 2, FRAME_BYTES - IP);
            Memory.putU16(frame + IP + 6, 0x4000);
            Memory.putU8(frame + IP + 8, 64);
            Memory.putU8(frame + IP + 9, 6);
            Memory.putU32(frame + IP + 16, virtual);
            Memory.putU16(frame + TCP + 2, virtualPort);
            Memory.putU8(frame + TCP + 12, 0x50);
        }
    }

    /** Lets one packet of each connection come in turn: first those that open it. */
    void once(boolean opening) {
        flags = opening ? SYN : ACK;
        remaining = flows;
        next = 0;
        endless = false;
    }

    boolean isDone() {
        return remaining == 0;
    }

    /** Lets packets of random connections come for ever. */
    void forever() {
        endless = true;
    }

    long sent() {
        return sent;
    }

    private long frame(int buffer) {
        return memory.address() + (long) buffer * STRIDE + HEADROOM_BYTES;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int linkIndex() {
        return linkIndex;
    }

    @Override
    public int receive(PacketBurst burst) {
        int count = 0;
        while (!burst.isFull() && (endless || remaining > 0) && flows > 0) {
            int flow = endless ? choices[next++ & (CHOICES - 1)] : flows - remaining--;
            long frame = frame(count);
            write(frame, firstClient + flow / PORTS_OF_A_CLIENT, flow % PORTS_OF_A_CLIENT);
            burst.add(frame, FRAME_BYTES, 0);
            count++;
        }
        return count;
    }

    private void write(long frame, int client, int port) {
        Ethernet.setDestination(frame, mac);
        Ethernet.setSource(frame, neighbour);
        Memory.putU8(frame + IP + 8, 64);
        Memory.putU32(frame + IP + 12, client);
        Memory.putU16(frame + TCP, FIRST_PORT + port);
        Memory.putU8(frame + FLAGS, flags);
        int sum = 0x4500 + (FRAME_BYTES - IP) + 0x4000 + (64 << 8 | 6);
        int virtual = Memory.u32(frame + IP + 16);
        sum += (client >>> 16) + (client & 0xffff) + (virtual >>> 16) + (virtual & 0xffff);
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        Memory.putU16(frame + IP + 10, ~sum & 0xffff);
    }

    @Override
    public boolean transmit(long address, int length, long vnetHeader) {
        sent++;
        return true;
    }

    @Override
    public void flush() {
        // Everything has been forgotten.
    }

    @Override
    public void release() {
        // The frames are written anew for the next burst.
    }

    @Override
    public PortStatistics statistics() {
        return new PortStatistics(0, 0, 0, 0, sent, sent * FRAME_BYTES, 0);
    }

    @Override
    public void close() {
        memory.close();
    }
}
