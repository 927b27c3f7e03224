/**
 * Protocol headers as static accessors on absolute addresses, one class per header.
 *
 * <p>Nothing here checks lengths: the parser has compared them with the frame's before. Unsigned
 * fields of 8 and 16 bits are ints; fields of 32 bits are ints whose sign bit is data; setters take
 * the low bits of their argument. No setter touches a checksum but its own.
 *
 * <p>Stateless and allocation-free; safe from any thread as far as the memory itself is.
 */
@NullMarked
package io.weir.dataplane.header;

import org.jspecify.annotations.NullMarked;
