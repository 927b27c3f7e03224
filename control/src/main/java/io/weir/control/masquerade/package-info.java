/**
 * Rules that hide connections of real servers behind an address, as an operator writes, reads and
 * replaces them: weir's own form, and that of iptables. Any thread.
 */
@NullMarked
package io.weir.control.masquerade;

import org.jspecify.annotations.NullMarked;
