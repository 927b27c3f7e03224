/**
 * The operator's side of firewall marks: the forms in which rules are written, and changes of the
 * rules that are in force.
 *
 * <p>Texts and rules are values for any thread; {@link io.weir.control.mark.MarkEditor} takes
 * changes from any thread, one after the other.
 */
@NullMarked
package io.weir.control.mark;

import org.jspecify.annotations.NullMarked;
