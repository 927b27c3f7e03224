/**
 * Flows: the key of one, the table of connections, their TCP and UDP states and their expiry.
 *
 * <p>The worker owns and writes the table; other threads may read entries through {@link
 * io.weir.dataplane.flow.ConnectionReader}.
 */
@NullMarked
package io.weir.dataplane.flow;

import org.jspecify.annotations.NullMarked;
