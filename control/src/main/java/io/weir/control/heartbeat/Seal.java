package io.weir.control.heartbeat;

/** How heartbeats are written and read: as pulse does it, or authenticated. One thread. */
interface Seal {
    /** The next heartbeat. */
    byte[] seal(boolean running);

    /** The answer to a greeting, which proves to its sender that this router is alive now. */
    byte[] answer(boolean running);

    /** Reads a datagram from one of the partner's addresses. */
    Opened open(byte[] datagram);

    /** Pulse's own form, in which anybody who can forge an address can say anything. */
    Seal OPEN =
            new Seal() {
                @Override
                public byte[] seal(boolean running) {
                    return PulseMessage.of(running);
                }

                @Override
                public byte[] answer(boolean running) {
                    return PulseMessage.of(running);
                }

                @Override
                public Opened open(byte[] datagram) {
                    return PulseMessage.open(datagram);
                }
            };
}
