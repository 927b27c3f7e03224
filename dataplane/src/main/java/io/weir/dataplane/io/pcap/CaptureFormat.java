package io.weir.dataplane.io.pcap;

/** What a {@link CaptureWriter} writes. */
public enum CaptureFormat {
    /** One interface, microseconds: what every tool reads. */
    PCAP_MICROSECONDS,
    /** One interface, nanoseconds. */
    PCAP_NANOSECONDS,
    /** Several interfaces with names, nanoseconds. */
    PCAPNG
}
