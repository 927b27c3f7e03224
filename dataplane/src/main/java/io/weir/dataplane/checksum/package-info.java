/**
 * The Internet checksum: computed in full (RFC 1071) and updated for a changed field (RFC 1624);
 * and the CRC32c of SCTP.
 *
 * <p>Internet checksums are ints from 0 to 0xffff in the order the header shows them. Nothing is
 * allocated per packet. Stateless but for {@link io.weir.dataplane.checksum.Crc32c}, and safe from
 * any thread as far as the memory itself is.
 */
@NullMarked
package io.weir.dataplane.checksum;

import org.jspecify.annotations.NullMarked;
