package io.weir.dataplane.io.memory;

import io.weir.dataplane.header.VnetHeader;

/**
 * What is known of an arriving frame's transport checksum.
 *
 * @param flags of its virtio header; 0 if it has none
 * @param start from the frame's start to what is to be summed, in bytes
 * @param offset from there to the checksum
 */
record ArrivingChecksum(int flags, int start, int offset) {
    /** Nothing: it is as it came from the wire. */
    static final ArrivingChecksum UNKNOWN = new ArrivingChecksum(0, 0, 0);

    /** The network card has verified it. */
    static final ArrivingChecksum VERIFIED = new ArrivingChecksum(VnetHeader.DATA_VALID, 0, 0);

    /** It has the pseudo-header's sum alone. */
    static ArrivingChecksum pending(int start, int offset) {
        return new ArrivingChecksum(VnetHeader.NEEDS_CHECKSUM, start, offset);
    }
}
