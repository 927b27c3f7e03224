/**
 * Decides what the balancer's table is to contain: the configuration, the health and load of each
 * real server and the operator's wishes go in, changes of rules come out.
 *
 * <p>{@link io.weir.control.keeper.ServiceKeeper} is a pure state machine: it is told the time, in
 * milliseconds of any clock that never goes back, and touches nothing. {@link
 * io.weir.control.keeper.TableWriter} carries out what it says, and {@link
 * io.weir.control.keeper.TableCheck} finds where the table is not as it should be.
 */
@NullMarked
package io.weir.control.keeper;

import org.jspecify.annotations.NullMarked;
