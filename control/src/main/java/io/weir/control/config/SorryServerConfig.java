package io.weir.control.config;

import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;

/** The server that stands in while no real server is in service; it is not checked. */
public record SorryServerConfig(ServerId id, ServerSettings settings) {}
