/**
 * What a router is told to be: services, real servers and how they are checked, the addresses that
 * move between two routers, and how the two find out who has them.
 *
 * <p>Nothing here knows a file format. io.weir.control.lvscf reads lvs.cf into it; another reader
 * finds everything that keepalived.conf says about the same things. All classes are immutable
 * values with an equality that tells whether a part of a configuration has changed.
 */
@NullMarked
package io.weir.control.config;

import org.jspecify.annotations.NullMarked;
