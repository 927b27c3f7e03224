/** What happens to a router, as it is told to programs, to the log and to those who listen. */
@NullMarked
package io.weir.control.event;

import org.jspecify.annotations.NullMarked;
