package io.weir.dataplane.spi;

/** Makes the forwarder of one method for a worker. */
public interface ForwarderFactory {
    Forwarder create(ForwarderContext context);
}
