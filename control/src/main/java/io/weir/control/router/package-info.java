/**
 * A router that runs by a configuration: it keeps the services in the table, has real servers
 * checked, takes part in the failover protocols, and tells what happens.
 *
 * <p>{@link io.weir.control.router.Router} has one thread on which everything is decided; checks,
 * failover and the control socket have their own and hand over to it.
 */
@NullMarked
package io.weir.control.router;

import org.jspecify.annotations.NullMarked;
