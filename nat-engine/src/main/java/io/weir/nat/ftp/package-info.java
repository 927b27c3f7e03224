/**
 * The FTP helper: connections that FTP agrees on in its text (RFC 959, RFC 2428) get through NAT,
 * as with the kernel's ip_vs_ftp.
 *
 * <p>Runs on the worker thread that owns the connection table.
 */
@NullMarked
package io.weir.nat.ftp;

import org.jspecify.annotations.NullMarked;
