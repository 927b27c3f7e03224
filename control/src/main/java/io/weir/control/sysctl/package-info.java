/**
 * The net.ipv4.vs settings as operators write them: names with dots or slashes, assignments, and
 * files in the form of sysctl.conf. What a setting may be is not decided here but by {@link
 * io.weir.dataplane.service.Sysctl}.
 */
@NullMarked
package io.weir.control.sysctl;

import org.jspecify.annotations.NullMarked;
