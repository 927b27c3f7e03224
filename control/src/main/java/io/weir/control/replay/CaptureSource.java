package io.weir.control.replay;

import java.nio.file.Path;

/**
 * A capture file and where its frames arrive.
 *
 * @param link the interface's name
 * @param file a pcap or pcapng file
 */
public record CaptureSource(String link, Path file) {}
