package io.weir.control.replay;

import io.weir.dataplane.io.pcap.CaptureException;
import io.weir.dataplane.io.pcap.CaptureReader;
import io.weir.dataplane.io.pcap.CapturedFrame;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The frames of several capture files in the order of their time stamps, one in memory of each. */
final class MergedCaptures implements AutoCloseable {
    /** A frame and the link it arrives on. */
    record Arrival(String link, CapturedFrame frame) {}

    private static final class Input {
        private final String link;
        private final CaptureReader reader;
        private @Nullable CapturedFrame next;

        Input(String link, CaptureReader reader) throws CaptureException {
            this.link = link;
            this.reader = reader;
            this.next = reader.next();
        }
    }

    private final List<Input> inputs = new ArrayList<>();

    private MergedCaptures() {}

    /** Opens all files. */
    static MergedCaptures open(List<CaptureSource> sources) throws IOException {
        MergedCaptures merged = new MergedCaptures();
        try {
            for (CaptureSource source : sources) {
                CaptureReader reader = CaptureReader.open(source.file());
                try {
                    merged.inputs.add(new Input(source.link(), reader));
                } catch (CaptureException e) {
                    reader.close();
                    throw e;
                }
            }
            return merged;
        } catch (IOException e) {
            merged.close();
            throw e;
        }
    }

    /** The next frame, or null after the last; of equal times the first file's comes first. */
    @Nullable Arrival next() throws CaptureException {
        Input earliest = null;
        CapturedFrame frame = null;
        for (Input input : inputs) {
            CapturedFrame candidate = input.next;
            if (candidate != null
                    && (frame == null || candidate.timestampNanos() < frame.timestampNanos())) {
                earliest = input;
                frame = candidate;
            }
        }
        if (earliest == null || frame == null) {
            return null;
        }
        earliest.next = earliest.reader.next();
        return new Arrival(earliest.link, frame);
    }

    @Override
    public void close() throws IOException {
        for (Input input : inputs) {
            input.reader.close();
        }
    }
}
