package io.weir.dataplane.spi;

/** Makes the application gateway of a worker. */
public interface GatewayFactory {
    /** No connection is followed. */
    GatewayFactory NONE = context -> ApplicationGateway.NONE;

    ApplicationGateway create(GatewayContext context);
}
