package io.weir.dataplane.worker;

import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.sync.SyncCounters;

import java.util.ArrayList;
import java.util.List;

/** Makes one listing of those of all workers, which have the same rules in the same order. */
final class ListingSums {
    private ListingSums() {}

    static List<ServiceListing> services(List<List<ServiceListing>> parts) {
        List<ServiceListing> sum = parts.getFirst();
        for (List<ServiceListing> part : parts.subList(1, parts.size())) {
            List<ServiceListing> next = new ArrayList<>(sum.size());
            for (int i = 0; i < sum.size(); i++) {
                next.add(sum(sum.get(i), part.get(i)));
            }
            sum = next;
        }
        return sum;
    }

    static ServiceListing sum(ServiceListing one, ServiceListing other) {
        if (!one.id().equals(other.id()) || one.servers().size() != other.servers().size()) {
            throw new IllegalStateException(
                    "workers disagree on " + one.id() + " and " + other.id());
        }
        List<ServerListing> servers = new ArrayList<>(one.servers().size());
        for (int i = 0; i < one.servers().size(); i++) {
            servers.add(sum(one.servers().get(i), other.servers().get(i)));
        }
        return new ServiceListing(
                one.id(), one.settings(), sum(one.counters(), other.counters()), servers);
    }

    private static ServerListing sum(ServerListing one, ServerListing other) {
        if (!one.id().equals(other.id())) {
            throw new IllegalStateException(
                    "workers disagree on " + one.id() + " and " + other.id());
        }
        return new ServerListing(
                one.id(),
                one.settings(),
                one.active() + other.active(),
                one.inactive() + other.inactive(),
                one.persistent() + other.persistent(),
                one.draining(),
                sum(one.counters(), other.counters()));
    }

    static CounterSnapshot sum(CounterSnapshot one, CounterSnapshot other) {
        return new CounterSnapshot(
                one.connections() + other.connections(),
                one.inPackets() + other.inPackets(),
                one.outPackets() + other.outPackets(),
                one.inBytes() + other.inBytes(),
                one.outBytes() + other.outBytes(),
                one.connectionRate() + other.connectionRate(),
                one.inPacketRate() + other.inPacketRate(),
                one.outPacketRate() + other.outPacketRate(),
                one.inByteRate() + other.inByteRate(),
                one.outByteRate() + other.outByteRate());
    }

    static SyncCounters.Snapshot sum(SyncCounters.Snapshot one, SyncCounters.Snapshot other) {
        return new SyncCounters.Snapshot(
                one.entriesSent() + other.entriesSent(),
                one.messagesSent() + other.messagesSent(),
                one.bytesSent() + other.bytesSent(),
                one.messagesLost() + other.messagesLost(),
                one.entriesReceived() + other.entriesReceived(),
                one.messagesReceived() + other.messagesReceived(),
                one.bytesReceived() + other.bytesReceived());
    }
}
