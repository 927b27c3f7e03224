package io.weir.dataplane.testing;

import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.spi.PersistenceEngine;
import io.weir.dataplane.spi.PersistenceKey;

/** Knows a client by all that its datagram says; for tests that are not about an engine. */
public final class PayloadEngine implements PersistenceEngine {
    @Override
    public String name() {
        return "payload";
    }

    @Override
    public boolean opensOutward() {
        return true;
    }

    @Override
    public boolean identify(Packet packet, PersistenceKey key) {
        int bytes = packet.transportBytes() - Udp.HEADER_BYTES;
        if (packet.protocol() != ServiceId.UDP || bytes < 1 || bytes > PersistenceKey.MAX_BYTES) {
            return false;
        }
        key.set(packet.transport() + Udp.HEADER_BYTES, bytes);
        return true;
    }
}
