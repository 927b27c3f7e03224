package io.weir.control.check.probe;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Makes strings of lines. The last one needs no newline, and a line that is too long comes in
 * pieces.
 */
final class LineDecoder extends ByteToMessageDecoder {
    private static final int LINE_LIMIT_BYTES = 4095;

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf bytes, List<Object> lines) {
        int length = bytes.bytesBefore((byte) '\n');
        if (length >= 0) {
            lines.add(text(bytes, length));
            bytes.skipBytes(1);
        } else if (bytes.readableBytes() >= LINE_LIMIT_BYTES) {
            lines.add(text(bytes, LINE_LIMIT_BYTES));
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext context, ByteBuf bytes, List<Object> lines) {
        if (bytes.isReadable()) {
            lines.add(text(bytes, bytes.readableBytes()));
        }
    }

    private static String text(ByteBuf bytes, int length) {
        return bytes.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
    }
}
