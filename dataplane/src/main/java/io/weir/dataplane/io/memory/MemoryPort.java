package io.weir.dataplane.io.memory;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PacketWaiter;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.packet.PacketBurst;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicLong;

/**
 * One of two ports joined back to back: what one transmits, the other receives.
 *
 * <p>Each end belongs to one thread, which may be the same. A frame's virtio header travels with
 * it. A full queue makes {@link #transmit} return false; a frame larger than the slots is counted
 * as a transmit error. The memory is freed when both ends are closed.
 */
public final class MemoryPort implements PacketPort {
    private final String name;
    private final int linkIndex;
    private final FrameQueue input;
    private final FrameQueue output;
    private final @Nullable PacketWaiter peerWaiter;
    private @Nullable MemoryPort peer;
    private boolean open = true;

    /** Written by the port's own thread; the first two by whoever feeds it from outside. */
    private final AtomicLong receiveDrops = new AtomicLong();

    private final AtomicLong receiveTruncated = new AtomicLong();
    private final AtomicLong receivedFrames = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();
    private final AtomicLong transmittedFrames = new AtomicLong();
    private final AtomicLong transmittedBytes = new AtomicLong();
    private final AtomicLong transmitErrors = new AtomicLong();
    private long queuedBytes;

    /**
     * What one end is called, and who is to be woken when a frame arrives there.
     *
     * @param name as {@link PacketPort#name} returns it
     * @param linkIndex as {@link PacketPort#linkIndex} returns it
     * @param waiter what the end's thread sleeps on, if it sleeps
     */
    public record End(String name, int linkIndex, @Nullable PacketWaiter waiter) {}

    private MemoryPort(
            End end, FrameQueue input, FrameQueue output, @Nullable PacketWaiter peerWaiter) {
        this.name = end.name;
        this.linkIndex = end.linkIndex;
        this.input = input;
        this.output = output;
        this.peerWaiter = peerWaiter;
    }

    /**
     * Makes two ends; the second is the first one's {@link #peer}.
     *
     * @param frames how many frames wait in each direction, rounded up to a power of two
     * @param frameBytes the largest frame; the memory of all is allocated at once
     */
    public static MemoryPort pair(End first, End second, int frames, int frameBytes) {
        FrameQueue toFirst = new FrameQueue(frames, frameBytes);
        FrameQueue toSecond = new FrameQueue(frames, frameBytes);
        MemoryPort port = new MemoryPort(first, toFirst, toSecond, second.waiter);
        MemoryPort other = new MemoryPort(second, toSecond, toFirst, first.waiter);
        port.peer = other;
        other.peer = port;
        return port;
    }

    /** The other end. */
    public MemoryPort peer() {
        MemoryPort other = peer;
        if (other == null) {
            throw new IllegalStateException("an end is published before it is joined");
        }
        return other;
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
        int frames = 0;
        long bytes = 0;
        while (!burst.isFull()) {
            int slot = input.take();
            if (slot < 0) {
                break;
            }
            burst.add(input.frame(slot), input.length(slot), input.vnetHeader(slot));
            frames++;
            bytes += input.length(slot);
        }
        if (frames > 0) {
            add(receivedFrames, frames);
            add(receivedBytes, bytes);
        }
        return frames;
    }

    @Override
    public boolean transmit(long address, int length, long vnetHeader) {
        if (length > output.frameBytes()) {
            add(transmitErrors, 1);
            return true;
        }
        if (!output.hasRoom()) {
            return false;
        }
        output.offer(address, length, vnetHeader);
        queuedBytes += length;
        return true;
    }

    @Override
    public void flush() {
        int frames = output.publish();
        if (frames == 0) {
            return;
        }
        add(transmittedFrames, frames);
        add(transmittedBytes, queuedBytes);
        queuedBytes = 0;
        if (peerWaiter != null) {
            peerWaiter.wake();
        }
    }

    @Override
    public void release() {
        input.release();
    }

    @Override
    public PortStatistics statistics() {
        return new PortStatistics(
                receivedFrames.get(),
                receivedBytes.get(),
                receiveDrops.get(),
                receiveTruncated.get(),
                transmittedFrames.get(),
                transmittedBytes.get(),
                transmitErrors.get());
    }

    /** Puts a frame into the other end's queue, or counts there why it could not. */
    boolean inject(byte[] frame, ArrivingChecksum checksum) {
        MemoryPort receiver = peer();
        if (frame.length > output.frameBytes()) {
            add(receiver.receiveTruncated, 1);
            return false;
        }
        if (!output.hasRoom()) {
            add(receiver.receiveDrops, 1);
            return false;
        }
        output.offer(frame, checksum);
        queuedBytes += frame.length;
        flush();
        return true;
    }

    /** The queue this end takes frames from, for whoever does so one by one. */
    FrameQueue input() {
        return input;
    }

    /** Single writer: no atomic addition is needed, only that other threads see whole values. */
    private static void add(AtomicLong counter, long amount) {
        counter.setRelease(counter.getPlain() + amount);
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            input.leave();
            output.leave();
        }
    }
}
