/**
 * The ipvsadm, ipvsadm-save and ipvsadm-restore commands, executed inside the daemon, a replay or
 * an embedding program: argument lists in, changes of an {@link
 * io.weir.dataplane.service.Administration} and text out, to the letter as ipvsadm 1.31 behaves.
 *
 * <p>A run belongs to the thread that calls it; several may run at once as far as the
 * Administration allows it. Nothing here opens a file or ends the process; only {@link
 * io.weir.control.ipvsadm.SystemNames} asks the host's name services.
 */
@NullMarked
package io.weir.control.ipvsadm;

import org.jspecify.annotations.NullMarked;
