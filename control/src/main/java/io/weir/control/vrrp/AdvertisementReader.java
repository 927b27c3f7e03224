package io.weir.control.vrrp;

import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Verifies packets as one virtual router expects them (RFC 3768 §7.1, RFC 9568 §7.1), and takes
 * them apart. Immutable; throws nothing, whatever the bytes are.
 */
final class AdvertisementReader {
    private final VrrpInstanceConfig config;
    private final int seconds;
    private final byte @Nullable [] password;
    private final Set<IpAddress> peers;

    AdvertisementReader(VrrpInstanceConfig config) {
        this.config = config;
        this.seconds = (int) config.interval().toSeconds();
        String text = config.password();
        this.password = text == null ? null : AdvertisementWriter.passwordField(text);
        this.peers = Set.copyOf(config.peers());
    }

    /** The VRID of a packet, by which its virtual router is found; 0 if it has none. */
    static int routerId(Datagram datagram) {
        byte[] message = datagram.message();
        return message.length < MessageFormat.HEADER_BYTES
                ? 0
                : MessageFormat.u8(message, MessageFormat.ROUTER_ID_OFFSET);
    }

    /**
     * Why a packet is not to be taken; null for a good one. What it says of its addresses is not
     * judged.
     *
     * @param own what this router speaks from, null while it has nothing
     */
    @Nullable Refusal refusal(Datagram datagram, @Nullable IpAddress own) {
        byte[] message = datagram.message();
        Refusal refused = refusalOfSender(datagram, own);
        if (refused != null) {
            return refused;
        }
        if (message.length < MessageFormat.HEADER_BYTES) {
            return Refusal.LENGTH;
        }
        int versionAndType = MessageFormat.u8(message, 0);
        if (versionAndType >>> 4 != config.version()) {
            return Refusal.VERSION;
        }
        if ((versionAndType & 0xf) != MessageFormat.TYPE_ADVERTISEMENT) {
            return Refusal.TYPE;
        }
        if (MessageFormat.u8(message, MessageFormat.ROUTER_ID_OFFSET) != config.routerId()) {
            return Refusal.ROUTER_ID;
        }
        int count = MessageFormat.u8(message, MessageFormat.COUNT_OFFSET);
        if (count == 0) {
            return Refusal.NO_ADDRESS;
        }
        boolean ipv6 = config.ipv6();
        if (message.length != MessageFormat.messageBytes(config.version(), ipv6, count)) {
            return Refusal.LENGTH;
        }
        if (!isChecksumGood(datagram)) {
            return Refusal.CHECKSUM;
        }
        return config.version() == 2 ? refusalOfVersion2(message) : refusalOfVersion3(message);
    }

    private @Nullable Refusal refusalOfSender(Datagram datagram, @Nullable IpAddress own) {
        if (datagram.source().ipv6() != config.ipv6()) {
            return Refusal.DESTINATION;
        }
        if (datagram.source().equals(own)) {
            return Refusal.OWN_SOURCE;
        }
        IpAddress group = MessageFormat.group(config.ipv6());
        if (datagram.destination().equals(group) != peers.isEmpty()) {
            return Refusal.DESTINATION;
        }
        if (peers.isEmpty()) {
            return datagram.hopLimit() == MessageFormat.HOP_LIMIT ? null : Refusal.HOP_LIMIT;
        }
        // Peers that are spoken to one by one may be beyond routers.
        return peers.contains(datagram.source()) ? null : Refusal.NOT_A_PEER;
    }

    // RFC 5798 left open whether the sum over IPv4 has a pseudo header; keepalived's has one,
    // RFC 9568's has none. A message that is good by one rule is not bent by accident.
    private boolean isChecksumGood(Datagram datagram) {
        byte[] message = datagram.message();
        if (!config.ipv6() && MessageFormat.checksum(message) == 0) {
            return true;
        }
        return config.version() == 3
                && MessageFormat.checksum(message, datagram.source(), datagram.destination()) == 0;
    }

    private @Nullable Refusal refusalOfVersion2(byte[] message) {
        int type = MessageFormat.u8(message, MessageFormat.AUTHENTICATION_TYPE_OFFSET);
        int wanted =
                password == null
                        ? MessageFormat.AUTHENTICATION_NONE
                        : MessageFormat.AUTHENTICATION_PASSWORD;
        if (type != wanted) {
            return Refusal.AUTHENTICATION;
        }
        int at = message.length - MessageFormat.PASSWORD_BYTES;
        if (password != null
                && !Arrays.equals(password, 0, password.length, message, at, message.length)) {
            return Refusal.PASSWORD;
        }
        return MessageFormat.u8(message, MessageFormat.SECONDS_OFFSET) == seconds
                ? null
                : Refusal.INTERVAL;
    }

    private static @Nullable Refusal refusalOfVersion3(byte[] message) {
        return centiseconds(message) == 0 ? Refusal.INTERVAL : null;
    }

    private static int centiseconds(byte[] message) {
        return MessageFormat.u16(message, MessageFormat.CENTISECONDS_OFFSET)
                & MessageFormat.CENTISECONDS_MASK;
    }

    /** Takes a packet apart that {@link #refusal} has nothing against. */
    Advertisement read(Datagram datagram) {
        byte[] message = datagram.message();
        int addressBytes = MessageFormat.addressBytes(config.ipv6());
        int count = MessageFormat.u8(message, MessageFormat.COUNT_OFFSET);
        List<IpAddress> addresses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int at = MessageFormat.HEADER_BYTES + i * addressBytes;
            addresses.add(IpAddress.of(Arrays.copyOfRange(message, at, at + addressBytes)));
        }
        return new Advertisement(
                config.version(),
                config.routerId(),
                MessageFormat.u8(message, MessageFormat.PRIORITY_OFFSET),
                config.version() == 2
                        ? seconds * Advertisement.CENTISECONDS_PER_SECOND
                        : centiseconds(message),
                addresses);
    }
}
