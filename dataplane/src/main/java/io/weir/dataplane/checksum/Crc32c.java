package io.weir.dataplane.checksum;

import io.weir.dataplane.header.Sctp;
import io.weir.dataplane.memory.Memory;

import java.util.zip.CRC32C;

/**
 * The CRC32c of SCTP packets (RFC 9260 section 6.8 and appendix A).
 *
 * <p>The JDK computes it with the processor's own instruction, but over arrays; a packet is copied
 * piece by piece into a small one that stays in the cache. That is ten times as fast as tables that
 * would read the packet where it lies. Owned by one thread; allocates nothing once it is made.
 */
public final class Crc32c {
    private static final int PIECE_BYTES = 2048;

    private final CRC32C crc = new CRC32C();
    private final byte[] piece = new byte[PIECE_BYTES];

    /**
     * The checksum that an SCTP packet should carry, whatever its checksum field holds, in the
     * order its field shows it.
     *
     * @param bytes of the packet, at least those of its common header
     */
    public int sctp(long sctp, int bytes) {
        crc.reset();
        int length = Math.min(bytes, PIECE_BYTES);
        Memory.copyOut(sctp, piece, 0, length);
        for (int at = Sctp.CHECKSUM_OFFSET; at < Sctp.HEADER_BYTES; at++) {
            piece[at] = 0;
        }
        crc.update(piece, 0, length);
        for (int done = length; done < bytes; done += length) {
            length = Math.min(bytes - done, PIECE_BYTES);
            Memory.copyOut(sctp + done, piece, 0, length);
            crc.update(piece, 0, length);
        }
        return Integer.reverseBytes((int) crc.getValue());
    }
}
