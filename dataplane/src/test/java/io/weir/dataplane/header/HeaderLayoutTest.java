package io.weir.dataplane.header;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.math.BigInteger;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Each accessor against the bit numbers of the RFC's diagram: a getter reads these bits, a setter
 * writes these and no others, whatever the header holds.
 */
class HeaderLayoutTest {
    private static final int BYTES = 64;
    private static final int ROUNDS = 200;

    interface Getter {
        long get(long address);
    }

    interface Setter {
        void set(long address, long value);
    }

    private interface IntSetter {
        void set(long address, int value);
    }

    /** A field: the first bit, counted as the diagrams do, and how many there are. */
    record Field(
            String name,
            int bit,
            int bits,
            int unit,
            boolean little,
            Getter getter,
            Setter setter) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Field field(String name, int bit, int bits, Getter getter, IntSetter setter) {
        return new Field(
                name,
                bit,
                bits,
                1,
                false,
                getter,
                (address, value) -> setter.set(address, (int) value));
    }

    private static Field words(String name, int bit, int bits, Getter getter, IntSetter setter) {
        return new Field(
                name,
                bit,
                bits,
                4,
                false,
                getter,
                (address, value) -> setter.set(address, (int) value));
    }

    private static Field little(String name, int bit, int bits, Getter getter, IntSetter setter) {
        return new Field(
                name,
                bit,
                bits,
                1,
                true,
                getter,
                (address, value) -> setter.set(address, (int) value));
    }

    private static Field wide(String name, int bit, int bits, Getter getter, Setter setter) {
        return new Field(name, bit, bits, 1, false, getter, setter);
    }

    static Stream<Field> fields() {
        return Stream.of(
                        ethernet(),
                        arp(),
                        ipv4(),
                        ipv6(),
                        tcp(),
                        udp(),
                        sctp(),
                        icmp(),
                        vnetHeader())
                .flatMap(stream -> stream);
    }

    private static Stream<Field> ethernet() {
        return Stream.of(
                wide(
                        "Ethernet.destination",
                        0,
                        48,
                        Ethernet::destination,
                        Ethernet::setDestination),
                wide("Ethernet.source", 48, 48, Ethernet::source, Ethernet::setSource),
                field("Ethernet.type", 96, 16, Ethernet::type, Ethernet::setType));
    }

    private static Stream<Field> arp() {
        return Stream.of(
                field("Arp.operation", 48, 16, Arp::operation, Arp::setOperation),
                wide("Arp.senderMac", 64, 48, Arp::senderMac, Arp::setSenderMac),
                field("Arp.senderAddress", 112, 32, Arp::senderAddress, Arp::setSenderAddress),
                wide("Arp.targetMac", 144, 48, Arp::targetMac, Arp::setTargetMac),
                field("Arp.targetAddress", 192, 32, Arp::targetAddress, Arp::setTargetAddress));
    }

    private static Stream<Field> ipv4() {
        return Stream.of(
                field("Ipv4.version", 0, 4, Ipv4::version, Ipv4::setVersion),
                words("Ipv4.headerBytes", 4, 4, Ipv4::headerBytes, Ipv4::setHeaderBytes),
                field("Ipv4.typeOfService", 8, 8, Ipv4::typeOfService, Ipv4::setTypeOfService),
                field("Ipv4.totalLength", 16, 16, Ipv4::totalLength, Ipv4::setTotalLength),
                field("Ipv4.identification", 32, 16, Ipv4::identification, Ipv4::setIdentification),
                field("Ipv4.flagsAndOffset", 48, 16, Ipv4::flagsAndOffset, Ipv4::setFlagsAndOffset),
                field("Ipv4.timeToLive", 64, 8, Ipv4::timeToLive, Ipv4::setTimeToLive),
                field("Ipv4.protocol", 72, 8, Ipv4::protocol, Ipv4::setProtocol),
                field("Ipv4.checksum", 80, 16, Ipv4::checksum, Ipv4::setChecksum),
                field("Ipv4.source", 96, 32, Ipv4::source, Ipv4::setSource),
                field("Ipv4.destination", 128, 32, Ipv4::destination, Ipv4::setDestination));
    }

    private static Stream<Field> ipv6() {
        return Stream.of(
                field("Ipv6.version", 0, 4, Ipv6::version, Ipv6::setVersion),
                field("Ipv6.trafficClass", 4, 8, Ipv6::trafficClass, Ipv6::setTrafficClass),
                field("Ipv6.flowLabel", 12, 20, Ipv6::flowLabel, Ipv6::setFlowLabel),
                field("Ipv6.payloadLength", 32, 16, Ipv6::payloadLength, Ipv6::setPayloadLength),
                field("Ipv6.nextHeader", 48, 8, Ipv6::nextHeader, Ipv6::setNextHeader),
                field("Ipv6.hopLimit", 56, 8, Ipv6::hopLimit, Ipv6::setHopLimit),
                wide(
                        "Ipv6.sourceHigh",
                        64,
                        64,
                        Ipv6::sourceHigh,
                        (ip, high) -> Ipv6.setSource(ip, high, Ipv6.sourceLow(ip))),
                wide(
                        "Ipv6.sourceLow",
                        128,
                        64,
                        Ipv6::sourceLow,
                        (ip, low) -> Ipv6.setSource(ip, Ipv6.sourceHigh(ip), low)),
                wide(
                        "Ipv6.destinationHigh",
                        192,
                        64,
                        Ipv6::destinationHigh,
                        (ip, high) -> Ipv6.setDestination(ip, high, Ipv6.destinationLow(ip))),
                wide(
                        "Ipv6.destinationLow",
                        256,
                        64,
                        Ipv6::destinationLow,
                        (ip, low) -> Ipv6.setDestination(ip, Ipv6.destinationHigh(ip), low)));
    }

    private static Stream<Field> tcp() {
        return Stream.of(
                field("Tcp.sourcePort", 0, 16, Tcp::sourcePort, Tcp::setSourcePort),
                field("Tcp.destinationPort", 16, 16, Tcp::destinationPort, Tcp::setDestinationPort),
                field("Tcp.sequence", 32, 32, Tcp::sequence, Tcp::setSequence),
                field("Tcp.acknowledgement", 64, 32, Tcp::acknowledgement, Tcp::setAcknowledgement),
                words("Tcp.headerBytes", 96, 4, Tcp::headerBytes, Tcp::setHeaderBytes),
                field("Tcp.flags", 104, 8, Tcp::flags, Tcp::setFlags),
                field("Tcp.window", 112, 16, Tcp::window, Tcp::setWindow),
                field("Tcp.checksum", 128, 16, Tcp::checksum, Tcp::setChecksum),
                field("Tcp.urgentPointer", 144, 16, Tcp::urgentPointer, Tcp::setUrgentPointer));
    }

    private static Stream<Field> udp() {
        return Stream.of(
                field("Udp.sourcePort", 0, 16, Udp::sourcePort, Udp::setSourcePort),
                field("Udp.destinationPort", 16, 16, Udp::destinationPort, Udp::setDestinationPort),
                field("Udp.length", 32, 16, Udp::length, Udp::setLength),
                field("Udp.checksum", 48, 16, Udp::checksum, Udp::setChecksum));
    }

    private static Stream<Field> sctp() {
        return Stream.of(
                field("Sctp.sourcePort", 0, 16, Sctp::sourcePort, Sctp::setSourcePort),
                field(
                        "Sctp.destinationPort",
                        16,
                        16,
                        Sctp::destinationPort,
                        Sctp::setDestinationPort),
                field(
                        "Sctp.verificationTag",
                        32,
                        32,
                        Sctp::verificationTag,
                        Sctp::setVerificationTag),
                field("Sctp.checksum", 64, 32, Sctp::checksum, Sctp::setChecksum),
                field("Sctp.chunkType", 0, 8, Sctp::chunkType, Sctp::setChunkType),
                field("Sctp.chunkFlags", 8, 8, Sctp::chunkFlags, Sctp::setChunkFlags),
                field("Sctp.chunkLength", 16, 16, Sctp::chunkLength, Sctp::setChunkLength),
                field("Sctp.initiateTag", 32, 32, Sctp::initiateTag, Sctp::setInitiateTag));
    }

    private static Stream<Field> icmp() {
        return Stream.of(
                field("Icmp.type", 0, 8, Icmp::type, Icmp::setType),
                field("Icmp.code", 8, 8, Icmp::code, Icmp::setCode),
                field("Icmp.checksum", 16, 16, Icmp::checksum, Icmp::setChecksum),
                field("Icmp.rest", 32, 32, Icmp::rest, Icmp::setRest));
    }

    private static Stream<Field> vnetHeader() {
        return Stream.of(
                little("VnetHeader.flags", 0, 8, VnetHeader::flags, VnetHeader::setFlags),
                little("VnetHeader.gsoType", 8, 8, VnetHeader::gsoType, VnetHeader::setGsoType),
                little(
                        "VnetHeader.headerLength",
                        16,
                        16,
                        VnetHeader::headerLength,
                        VnetHeader::setHeaderLength),
                little("VnetHeader.gsoSize", 32, 16, VnetHeader::gsoSize, VnetHeader::setGsoSize),
                little(
                        "VnetHeader.checksumStart",
                        48,
                        16,
                        VnetHeader::checksumStart,
                        VnetHeader::setChecksumStart),
                little(
                        "VnetHeader.checksumOffset",
                        64,
                        16,
                        VnetHeader::checksumOffset,
                        VnetHeader::setChecksumOffset));
    }

    @ParameterizedTest
    @MethodSource("fields")
    void readsAndWritesItsBitsAndNoOthers(Field field) {
        Seed seed = Seed.ofThisRun();
        Random random = seed.random();
        try (NativeBlock block = new NativeBlock(BYTES)) {
            for (int round = 0; round < ROUNDS; round++) {
                byte[] before = new byte[BYTES];
                random.nextBytes(before);
                Memory.copyIn(before, 0, block.address(), BYTES);
                assertThat(low(field.getter.get(block.address()), field))
                        .as("%s, %s", field, seed)
                        .isEqualTo(low(bits(before, field) * field.unit, field));

                long value = random.nextLong();
                field.setter.set(block.address(), value * field.unit);
                assertThat(Memory.bytes(block.address(), BYTES))
                        .as("set %s to %x, %s", field, value, seed)
                        .isEqualTo(replaced(before, field, value));
            }
        }
    }

    /** Leaves out the sign extension of 32-bit fields and what is above the field. */
    private static long low(long value, Field field) {
        int bits = field.bits + (field.unit == 4 ? 2 : 0);
        return bits == 64 ? value : value & (1L << bits) - 1;
    }

    private static long bits(byte[] header, Field field) {
        int shift = BYTES * 8 - field.bit - field.bits;
        return swapped(new BigInteger(1, header).shiftRight(shift).longValue(), field)
                & mask(field).longValue();
    }

    private static byte[] replaced(byte[] header, Field field, long value) {
        int shift = BYTES * 8 - field.bit - field.bits;
        BigInteger put = BigInteger.valueOf(swapped(value, field)).and(mask(field));
        BigInteger all =
                new BigInteger(1, header)
                        .andNot(mask(field).shiftLeft(shift))
                        .or(put.shiftLeft(shift));
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = all.shiftRight(8 * (BYTES - 1 - i)).byteValue();
        }
        return bytes;
    }

    private static BigInteger mask(Field field) {
        return BigInteger.ONE.shiftLeft(field.bits).subtract(BigInteger.ONE);
    }

    private static long swapped(long value, Field field) {
        return field.little && field.bits == 16
                ? Short.reverseBytes((short) value) & 0xffff
                : value;
    }
}
