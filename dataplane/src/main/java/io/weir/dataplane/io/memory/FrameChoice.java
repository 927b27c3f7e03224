package io.weir.dataplane.io.memory;

/** Says which of several ports a frame from a {@link MemoryLink} goes to. */
@FunctionalInterface
public interface FrameChoice {
    /** Every port gets the frame. */
    int ALL = -1;

    /** For a link that has one port. */
    FrameChoice ONLY = frame -> 0;

    /**
     * Chooses a port; the thread that injects calls this.
     *
     * @param frame an Ethernet frame
     * @return its number, or {@link #ALL}
     */
    int port(byte[] frame);
}
