package io.weir.dataplane.spi;

import io.weir.dataplane.packet.Packet;

/**
 * Recognises a client of a persistent service by what its packets say, not by its address alone.
 * Stateless, so that one engine serves all services: what it finds is kept with the persistence
 * template.
 *
 * <p>Runs on the worker thread, for packets that would begin a connection only.
 */
public interface PersistenceEngine {
    /** The name ipvsadm knows it by. */
    String name();

    /**
     * Finds the key in a packet; never reads outside it.
     *
     * @param key set if there is one, else undefined
     * @return false if the packet has no key: it cannot begin a connection then
     */
    boolean identify(Packet packet, PersistenceKey key);

    /**
     * Whether a datagram that a real server reached by NAT sends of itself begins a connection,
     * with the virtual service as the sender.
     */
    default boolean opensOutward() {
        return false;
    }
}
