/** The UDP sockets of connection synchronisation, each with a thread of its own. */
@NullMarked
package io.weir.control.sync;

import org.jspecify.annotations.NullMarked;
