package io.weir.schedulers;

import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.spi.PersistenceEngine;
import io.weir.dataplane.spi.PersistenceKey;

/**
 * sip: the datagrams of one SIP dialog, which share a Call-ID, go to one server.
 *
 * <p>It is beside the schedulers because it is what they are: a name of ipvsadm's, known to the
 * dataplane by an interface only, with a say in which server a new connection gets.
 *
 * <p>The key adds to the client's address and does not replace it: two clients with the same
 * Call-ID have a template each (recorded: persist-sip). SIP over TCP has no key, as with the
 * kernel's engine: a connection may carry many dialogs.
 */
final class SipPersistence implements PersistenceEngine {
    static final String NAME = "sip";

    @Override
    public String name() {
        return NAME;
    }

    /** Either side of a dialog may send requests (RFC 3261 12.2). */
    @Override
    public boolean opensOutward() {
        return true;
    }

    @Override
    public boolean identify(Packet packet, PersistenceKey key) {
        if (packet.protocol() != ServiceId.UDP) {
            return false;
        }
        long message = packet.transport() + Udp.HEADER_BYTES;
        long found = SipCallId.find(message, packet.transportBytes() - Udp.HEADER_BYTES);
        if (found == SipCallId.NONE) {
            return false;
        }
        key.set(message + SipCallId.offset(found), SipCallId.bytes(found));
        return true;
    }
}
