/**
 * IPVS's protocol for synchronising connections between two balancers: its messages, the daemons
 * that send and receive them, and where these get their datagrams from. What is done with
 * connections is in {@code director}.
 */
@NullMarked
package io.weir.dataplane.sync;

import org.jspecify.annotations.NullMarked;
