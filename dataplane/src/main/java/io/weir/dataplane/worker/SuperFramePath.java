package io.weir.dataplane.worker;

import io.weir.dataplane.egress.ForwardingPath;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.egress.ScratchFrames;
import io.weir.dataplane.egress.Segmenter;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.PacketSelection;

import org.jspecify.annotations.Nullable;

/**
 * The way of a super-frame that cannot leave as it is: cut, then each segment rewritten and sent.
 * Owned by the worker.
 *
 * <p>A burst of super-frames is more segments than a port queues at once, so what is queued goes to
 * the networks before each turn of up to 64 segments. Nothing is lost for want of room.
 */
final class SuperFramePath implements AutoCloseable {
    private final Segmenter segmenter = new Segmenter();
    private final PacketBurst segments = new PacketBurst();
    private final PacketSelection selection = new PacketSelection();
    private final ForwardingPath path;
    private final ConnectionTable connections;
    private final LinkPorts ports;
    private final ScratchFrames scratch;

    SuperFramePath(
            ForwardingPath path,
            ConnectionTable connections,
            LinkPorts ports,
            ScratchFrames scratch) {
        this.path = path;
        this.connections = connections;
        this.ports = ports;
        this.scratch = scratch;
    }

    /**
     * Sends an admitted super-frame segment by segment.
     *
     * @param forwarder rewrites the segments; null if they are routed on as they are
     */
    void send(Packet superFrame, @Nullable Forwarder forwarder) {
        int payload = Segmenter.payloadBytes(superFrame);
        int at = 0;
        do {
            ports.flush();
            scratch.reset();
            segments.clear();
            at = segmenter.cut(superFrame, at, segments);
            if (forwarder != null) {
                rewrite(forwarder);
            }
            for (int i = 0; i < segments.size(); i++) {
                Packet segment = segments.get(i);
                if (segment.verdict() != Verdict.DROP) {
                    path.send(segment);
                }
            }
        } while (at < payload);
    }

    private void rewrite(Forwarder forwarder) {
        selection.clear();
        for (int i = 0; i < segments.size(); i++) {
            selection.add(segments.get(i));
        }
        forwarder.forward(selection, connections);
    }

    @Override
    public void close() {
        segmenter.close();
    }
}
