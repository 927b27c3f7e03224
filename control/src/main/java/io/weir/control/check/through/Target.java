package io.weir.control.check.through;

import io.weir.dataplane.net.IpAddress;

/** A virtual address as one real server is to answer for it. */
record Target(IpAddress virtual, IpAddress server) {}
