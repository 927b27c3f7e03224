package io.weir.control.api;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The answer for the thin client: frames of a stream number (one byte), a length (four bytes, the
 * highest first) and that many bytes. Stream 1 is standard output, 2 standard error; the last frame
 * has stream 0 and the exit code in four bytes.
 */
final class FramedAnswer implements CommandAnswer {
    static final String MEDIA_TYPE = "application/vnd.weir.frames";

    private static final int FRAME_BYTES = 8 << 10;

    private final ResponseStream response;
    private final DataOutputStream frames;
    private final FrameStream output = new FrameStream(1);
    private final FrameStream errors = new FrameStream(2);

    FramedAnswer(ResponseStream response) {
        this.response = response;
        this.frames = new DataOutputStream(response);
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public OutputStream errors() {
        return errors;
    }

    @Override
    public void finish(int exitCode) throws IOException {
        output.flush();
        errors.flush();
        frames.writeByte(0);
        frames.writeInt(Integer.BYTES);
        frames.writeInt(exitCode);
        response.end();
    }

    /** Collects a frame's worth of bytes, so that printing by characters costs no frame each. */
    private final class FrameStream extends OutputStream {
        private final int number;
        private final byte[] pending = new byte[FRAME_BYTES];
        private int used;

        FrameStream(int number) {
            this.number = number;
        }

        @Override
        public void write(int b) throws IOException {
            if (used == FRAME_BYTES) {
                flush();
            }
            pending[used++] = (byte) b;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > FRAME_BYTES - used) {
                flush();
            }
            if (length > FRAME_BYTES) {
                frame(bytes, offset, length);
            } else {
                System.arraycopy(bytes, offset, pending, used, length);
                used += length;
            }
        }

        @Override
        public void flush() throws IOException {
            if (used > 0) {
                frame(pending, 0, used);
                used = 0;
            }
        }

        private void frame(byte[] bytes, int offset, int length) throws IOException {
            frames.writeByte(number);
            frames.writeInt(length);
            frames.write(bytes, offset, length);
        }
    }
}
