/**
 * Gives the partner of a pair the configuration of this router, over TLS with certificates on both
 * sides.
 */
@NullMarked
package io.weir.control.push;

import org.jspecify.annotations.NullMarked;
