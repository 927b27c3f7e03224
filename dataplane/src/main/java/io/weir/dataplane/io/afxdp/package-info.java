/**
 * Packet ports on live interfaces of Linux, through AF_XDP sockets: a program at the interface's
 * driver hands the balancer's frames over before the kernel makes socket buffers of them.
 *
 * <p>All ports of a worker share one memory of frames ({@link
 * io.weir.dataplane.io.afxdp.FramePool}), so that a frame received by one is sent by another where
 * it lies. What AF_XDP cannot carry goes by a packet socket on the same interface. Each class
 * belongs to the worker that owns the port unless its documentation says otherwise.
 */
@NullMarked
package io.weir.dataplane.io.afxdp;

import org.jspecify.annotations.NullMarked;
