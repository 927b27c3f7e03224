/**
 * The Internet checksum: computed in full (RFC 1071) and updated for a changed field (RFC 1624).
 *
 * <p>Checksums are ints from 0 to 0xffff in the order the header shows them. Stateless and
 * allocation-free; safe from any thread as far as the memory itself is.
 */
@NullMarked
package io.weir.dataplane.checksum;

import org.jspecify.annotations.NullMarked;
