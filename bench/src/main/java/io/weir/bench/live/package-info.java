/**
 * weir and its peers side by side on real network stacks: namespaces joined by veth pairs, one
 * balancer after the other in one run, several rounds.
 *
 * <p>{@link io.weir.bench.live.Live} is the command. A {@link io.weir.bench.live.Contender} is one
 * way to get from the client to the servers, a {@link io.weir.bench.live.Measure} is what is done
 * over it; {@link io.weir.bench.live.Rounds} gives every contender its turn with every measure,
 * each turn on a {@link io.weir.bench.live.Site} of its own. One thread runs it all.
 */
@NullMarked
package io.weir.bench.live;

import org.jspecify.annotations.NullMarked;
