/** One class for each kind of check: how it asks, and what it takes for a good answer. */
@NullMarked
package io.weir.control.check.probe;

import org.jspecify.annotations.NullMarked;
