package io.weir.control.keeper;

import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;

import org.jspecify.annotations.Nullable;

/** One change of the table; it knows what was there before, so that it can be taken back. */
public sealed interface TableChange {
    ServiceId service();

    /** What takes it back; null if nothing can. */
    @Nullable TableChange inverse();

    /** A new virtual service without servers. */
    record AddService(ServiceId service, ServiceSettings settings) implements TableChange {
        @Override
        public TableChange inverse() {
            return new DeleteService(service, settings);
        }
    }

    /** Other settings for a virtual service; its servers and connections stay. */
    record EditService(ServiceId service, ServiceSettings before, ServiceSettings after)
            implements TableChange {
        @Override
        public TableChange inverse() {
            return new EditService(service, after, before);
        }
    }

    /** A virtual service without servers goes. */
    record DeleteService(ServiceId service, ServiceSettings settings) implements TableChange {
        @Override
        public TableChange inverse() {
            return new AddService(service, settings);
        }
    }

    /** A real server comes. */
    record AddServer(ServiceId service, ServerId server, ServerEntry entry) implements TableChange {
        @Override
        public TableChange inverse() {
            return new DeleteServer(service, server, entry);
        }
    }

    /** A real server gets other settings, or begins or ceases to drain. */
    record EditServer(ServiceId service, ServerId server, ServerEntry before, ServerEntry after)
            implements TableChange {
        @Override
        public TableChange inverse() {
            return new EditServer(service, server, after, before);
        }
    }

    /** A real server goes; its connections lose their server. */
    record DeleteServer(ServiceId service, ServerId server, ServerEntry entry)
            implements TableChange {
        @Override
        public TableChange inverse() {
            return new AddServer(service, server, entry);
        }
    }

    /** A real server goes and its connections end. */
    record ExpelServer(ServiceId service, ServerId server) implements TableChange {
        @Override
        public @Nullable TableChange inverse() {
            return null;
        }
    }
}
