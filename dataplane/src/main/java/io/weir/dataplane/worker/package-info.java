/**
 * The worker: one thread that takes bursts of packets from its ports, has them decided about,
 * rewritten and sent, and does between them what time and the operator ask for.
 */
@NullMarked
package io.weir.dataplane.worker;

import org.jspecify.annotations.NullMarked;
