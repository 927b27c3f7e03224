package io.weir.dataplane.io.pcap;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Capture files put together field by field, in either byte order, right and wrong ones. */
final class CaptureBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ByteOrder order;

    CaptureBytes(ByteOrder order) {
        this.order = order;
    }

    CaptureBytes u16(int value) {
        return raw(ByteBuffer.allocate(2).order(order).putShort(0, (short) value));
    }

    CaptureBytes u32(long value) {
        return raw(ByteBuffer.allocate(4).order(order).putInt(0, (int) value));
    }

    CaptureBytes u64(long value) {
        return raw(ByteBuffer.allocate(8).order(order).putLong(0, value));
    }

    private CaptureBytes raw(ByteBuffer buffer) {
        byte[] field = new byte[buffer.remaining()];
        buffer.get(field);
        return raw(field);
    }

    CaptureBytes raw(byte... field) {
        bytes.writeBytes(field);
        return this;
    }

    /** Zeros up to a multiple of four bytes. */
    CaptureBytes pad() {
        return raw(new byte[-bytes.size() & 3]);
    }

    CaptureBytes pcapHeader(long magic) {
        return u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(1);
    }

    CaptureBytes pcapFrame(long seconds, long fraction, byte[] frame, int originalLength) {
        return u32(seconds).u32(fraction).u32(frame.length).u32(originalLength).raw(frame);
    }

    CaptureBytes block(long type, CaptureBytes body) {
        int length = 12 + body.toByteArray().length;
        return u32(type).u32(length).raw(body.toByteArray()).u32(length);
    }

    /** A body for {@link #block} in the same byte order. */
    CaptureBytes body() {
        return new CaptureBytes(order);
    }

    CaptureBytes section() {
        return block(0x0a0d0d0aL, body().u32(0x1a2b3c4dL).u16(1).u16(0).u64(-1));
    }

    CaptureBytes ethernetInterface() {
        return block(1, body().u16(1).u16(0).u32(0));
    }

    CaptureBytes enhancedPacket(int interfaceId, long ticks, byte[] frame) {
        return block(
                6,
                body().u32(interfaceId)
                        .u32(ticks >>> 32)
                        .u32(ticks)
                        .u32(frame.length)
                        .u32(frame.length)
                        .raw(frame)
                        .pad());
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }
}
