/**
 * weir as its users meet it: a daemon between the kernels of clients, real servers and director,
 * each in a network namespace of its own, on veth pairs with their default offloads.
 *
 * <p>Tests skip, and say why, where they lack root, a tool or a kernel feature.
 */
@NullMarked
package io.weir.control.e2e;

import org.jspecify.annotations.NullMarked;
