/** What one process leaves for the next one of the same network namespace. */
@NullMarked
package io.weir.control.handover;

import org.jspecify.annotations.NullMarked;
