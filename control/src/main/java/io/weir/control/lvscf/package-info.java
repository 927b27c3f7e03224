/**
 * Reading, checking and writing of Piranha's lvs.cf, with weir's own keys.
 *
 * <p>A text becomes a {@link io.weir.control.lvscf.LvsCfDocument}, a tree of its lines that can be
 * changed and written back; {@link io.weir.control.lvscf.LvsCf} makes a configuration of it. All
 * values are immutable; nothing here changes the host.
 */
@NullMarked
package io.weir.control.lvscf;

import org.jspecify.annotations.NullMarked;
